import { setImmediate as turn } from "node:timers/promises";
import { listenForOperations, type Notifications } from "../../../service/db/notifications.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

/** Resolves when the condition holds: looks at each turn of the event loop, and gives up before the test is given up. */
const until = async (holds: () => boolean): Promise<void> => {
  const limit = AbortSignal.timeout(20_000);
  while (!holds()) {
    limit.throwIfAborted();
    await turn();
  }
};

describe("hearing of operations from the database", () => {
  let database: TestDatabase;
  let notifications: Notifications;
  let heard: string[];
  let gaps: number;
  let logged: string[];

  const listen = async (url: string): Promise<void> => {
    const log = (_fields: object, message: string): void => void logged.push(message);
    notifications = await listenForOperations({
      url,
      // The same channel carries hints for workers, which are no operations' ids.
      onOperation: (name) => {
        if (/^[0-9a-f-]{36}$/.test(name)) heard.push(name);
      },
      onGap: () => (gaps += 1),
      logger: { info: log, warn: log },
    });
  };
  const insertOperation = async (): Promise<string> => {
    await database.pool.query(
      `INSERT INTO gatehouse.stacks (name, kind, team, status, created_at, updated_at)
         VALUES ('environment/a', 'environment', 't', 'pending', now(), now()) ON CONFLICT DO NOTHING`,
    );
    const { rows } = await database.pool.query<{ id: string }>(
      `INSERT INTO gatehouse.operations
         (id, kind, preview_of, action, stack, team, status, requested_by, spec, approval_state, engine, cloud, created_at)
       VALUES (gen_random_uuid(), 'preview', 'up', 'preview', 'environment/a', 't', 'queued', 'p', '{}', 'not_required', 'sandbox', 'simulated', now())
       RETURNING id`,
    );
    return rows[0]!.id;
  };
  const breakConnection = () =>
    database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'gatehouse-notifications'`,
    );

  beforeEach(async () => {
    database = await createTestDatabase();
    heard = [];
    gaps = 0;
    logged = [];
  });
  afterEach(async () => {
    await notifications.close();
    await database.drop();
  });

  it("tells of what is stored and of what changes, from any connection", async () => {
    await listen(database.url);
    const id = await insertOperation();
    await until(() => heard.length === 1);
    await database.pool.query("UPDATE gatehouse.operations SET team = 'u' WHERE id = $1", [id]);
    await until(() => heard.length === 2);
    expect({ heard, gaps, logged }).toEqual({ heard: [id, id], gaps: 1, logged: [] });
  });

  it("tells nothing of what did not come to be", async () => {
    await listen(database.url);
    await database.pool.query("BEGIN; SELECT pg_notify('gatehouse_operation', 'never'); ROLLBACK");
    const id = await insertOperation();
    await until(() => heard.length > 0);
    expect(heard).toEqual([id]);
  });

  it("connects again when its connection breaks, and says that something may have been missed", async () => {
    await listen(database.url);
    await breakConnection();
    await until(() => gaps === 2);
    const id = await insertOperation();
    await until(() => heard.length === 1);
    expect({ heard, listening: notifications.listening() }).toEqual({ heard: [id], listening: true });
    expect(logged).toEqual([expect.stringContaining("not heard of at once"), expect.stringContaining("again")]);
  });

  it("goes on without a server, says so once, and closes all the same", async () => {
    await listen(database.url.replace(/test_\w+/, "no_such_database"));
    expect({ listening: notifications.listening(), gaps }).toEqual({ listening: false, gaps: 0 });
    await notifications.close();
    expect(logged).toHaveLength(1);
  });
});
