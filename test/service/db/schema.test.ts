import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import {
  apiKeys,
  events,
  idempotencyKeys,
  knownNodes,
  operations,
  people,
  retainedResources,
  serviceKeys,
  stacks,
} from "../../../service/db/schema.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

const tables: PgTable[] = [
  stacks,
  operations,
  events,
  people,
  retainedResources,
  idempotencyKeys,
  knownNodes,
  apiKeys,
  serviceKeys,
];

describe("the typed schema and the migrations", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
    "agree on the columns of %s and which may be null",
    async (name, table) => {
      const { rows } = await database.pool.query<{ column: string; nullable: boolean }>(
        `SELECT column_name AS column, is_nullable = 'YES' AS nullable
           FROM information_schema.columns WHERE table_schema = 'gatehouse' AND table_name = $1`,
        [name],
      );
      const typed = getTableConfig(table).columns.map((column) => ({ column: column.name, nullable: !column.notNull }));
      const order = (a: { column: string }, b: { column: string }) => a.column.localeCompare(b.column);
      expect(rows.sort(order)).toEqual(typed.sort(order));
    },
  );

  it.each([
    [
      "a stack whose name is of another kind",
      "INSERT INTO gatehouse.stacks (name, kind, team, status, created_at, updated_at) VALUES ('foundation/1/r', 'environment', 't', 'pending', now(), now())",
      "stacks_name_says_kind",
    ],
    [
      "a failure without a reason",
      "UPDATE gatehouse.operations SET status = 'failed', finished_at = now()",
      "operations_failed_say_why",
    ],
    ["an end without a time", "UPDATE gatehouse.operations SET status = 'succeeded'", "operations_over_have_finished"],
    [
      "two running on one stack",
      "UPDATE gatehouse.operations SET status = 'running', attempt = 1, started_at = now()",
      "operations_one_running_per_stack",
    ],
    [
      "an up with an approval of its own",
      "UPDATE gatehouse.operations SET kind = 'up', preview_of = NULL",
      "operations_previews_are_approved",
    ],
  ])("refuse %s", async (_case, statement, constraint) => {
    await database.pool.query(
      `INSERT INTO gatehouse.stacks (name, kind, team, status, created_at, updated_at)
         VALUES ('environment/a', 'environment', 't', 'pending', now(), now()) ON CONFLICT DO NOTHING`,
    );
    await database.pool.query(
      `INSERT INTO gatehouse.operations
         (id, kind, preview_of, action, stack, team, status, requested_by, spec, approval_state, engine, cloud, created_at)
       SELECT gen_random_uuid(), 'preview', 'up', 'preview', 'environment/a', 't', 'queued', 'p', '{}', 'not_required', 'sandbox', 'simulated', now()
         FROM generate_series(1, 2)`,
    );
    await expect(database.pool.query(statement)).rejects.toMatchObject({ constraint });
  });
});
