import { v7 as uuidv7 } from "uuid";
import type pg from "pg";
import type { Page } from "../../../service/domain/operation.ts";
import type { OperationQuery, UseCases } from "../../../service/usecases/usecases.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld } from "../../support/use-cases.ts";

const everything: OperationQuery = {
  limit: 7,
  cursor: null,
  stack: null,
  status: null,
  kind: null,
  approval: null,
  team: null,
};

/** A queued preview, inserted as others insert theirs; its id. */
const insertOperation = async (
  on: pg.Pool | pg.PoolClient,
  columns: { stack?: string; team?: string } = {},
): Promise<string> => {
  const id = uuidv7();
  await on.query(
    `INSERT INTO gatehouse.operations
       (id, kind, preview_of, action, stack, team, status, requested_by, spec, approval_state, engine, cloud, created_at)
     VALUES ($1, 'preview', 'up', 'preview', $2, $3, 'queued', 'p', '{}', 'not_required', 'sandbox', 'simulated', now())`,
    [id, columns.stack ?? "environment/a", columns.team ?? "t"],
  );
  return id;
};

const insertStack = async (on: pg.Pool, name: string): Promise<void> => {
  await on.query(
    `INSERT INTO gatehouse.stacks (name, kind, team, status, created_at, updated_at)
     VALUES ($1, split_part($1, '/', 1), 't', 'pending', now(), now())`,
    [name],
  );
};

/** Walks a list to its end, with `between` after each page. */
const walk = async <Item>(
  read: (cursor: string | null) => Promise<Page<Item>>,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Item[]> => {
  const items: Item[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<Item> = await read(cursor);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
    await between();
  }
};

let database: TestDatabase;
let useCases: UseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  useCases = createUseCaseWorld(database.pool).useCases;
});
beforeEach(async () => {
  await database.pool.query("TRUNCATE gatehouse.stacks CASCADE");
  await insertStack(database.pool, "environment/a");
});
afterAll(() => database.drop());

const operationIds = async (query: Partial<OperationQuery> = {}, between?: () => Promise<unknown>) =>
  (await walk((cursor) => useCases.listOperations({ ...everything, ...query, cursor }), between)).map(({ id }) => id);

describe("pages of operations", () => {
  it("show each that was there once, newest first, while others arrive from four writers", async () => {
    const before: string[] = [];
    for (let index = 0; index < 60; index += 1) before.push(await insertOperation(database.pool));
    const writing = { goesOn: true };
    const writers = [1, 2, 3, 4].map(async () => {
      while (writing.goesOn) await insertOperation(database.pool);
    });
    const seen = await operationIds({}, () => insertOperation(database.pool));
    writing.goesOn = false;
    await Promise.all(writers);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => before.includes(id))).toEqual([...before].reverse());
  });

  it("neither skip nor repeat when a lower number becomes visible after a higher one was shown", async () => {
    const before: string[] = [];
    for (let index = 0; index < 10; index += 1) before.push(await insertOperation(database.pool));
    const late = await database.pool.connect();
    await late.query("BEGIN");
    const number = await insertOperation(late);
    const after: string[] = [];
    for (let index = 0; index < 10; index += 1) after.push(await insertOperation(database.pool));
    const state = { committed: false };
    const seen = await operationIds({ limit: 4 }, async () => {
      // After the first page, on which its place is not yet.
      if (!state.committed) await late.query("COMMIT");
      state.committed = true;
    });
    late.release();
    expect(seen).toEqual([...after.reverse(), number, ...before.reverse()]);

    // And when its place was passed already, it is missed by this walk as what is newer is, and none is shown twice.
    const second = await database.pool.connect();
    await second.query("BEGIN");
    const passed = await insertOperation(second);
    const newest = await insertOperation(database.pool);
    const first = await useCases.listOperations({ ...everything, limit: 2 });
    await second.query("COMMIT");
    second.release();
    const next = await useCases.listOperations({ ...everything, limit: 2, cursor: first.nextCursor });
    const shown = [...first.items, ...next.items].map(({ id }) => id);
    expect(shown).toEqual([newest, ...seen.slice(0, 3)]);
    expect((await operationIds()).slice(0, 2)).toEqual([newest, passed]);
  });

  it("end with no cursor when the last page is full", async () => {
    for (let index = 0; index < 4; index += 1) await insertOperation(database.pool);
    const first = await useCases.listOperations({ ...everything, limit: 2 });
    const second = await useCases.listOperations({ ...everything, limit: 2, cursor: first.nextCursor });
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 2, null]);
  });

  it("hold what the filters let through, alone and together, over several pages", async () => {
    await insertStack(database.pool, "environment/b");
    for (let index = 0; index < 48; index += 1)
      await insertOperation(database.pool, {
        stack: index % 2 === 0 ? "environment/a" : "environment/b",
        team: index % 3 === 0 ? "red" : "blue",
      });
    await database.pool.query(
      `UPDATE gatehouse.operations SET status = 'succeeded', finished_at = now(), approval_state = 'pending' WHERE sequence % 4 = 0`,
    );
    await database.pool.query(
      `UPDATE gatehouse.operations SET kind = 'refresh', preview_of = NULL, approval_state = NULL WHERE sequence % 5 = 0`,
    );
    const filters: { query: Partial<OperationQuery>; where: string }[] = [
      { query: {}, where: "true" },
      { query: { stack: "environment/b" }, where: "stack = 'environment/b'" },
      { query: { status: "succeeded" }, where: "status = 'succeeded'" },
      { query: { kind: "refresh" }, where: "kind = 'refresh'" },
      { query: { approval: "pending" }, where: "approval_state = 'pending'" },
      { query: { team: "red" }, where: "team = 'red'" },
      {
        query: { stack: "environment/a", status: "queued", kind: "preview", approval: "not_required", team: "blue" },
        where:
          "stack = 'environment/a' AND status = 'queued' AND kind = 'preview' AND approval_state = 'not_required' AND team = 'blue'",
      },
      { query: { stack: "environment/none" }, where: "false" },
    ];
    for (const { query, where } of filters) {
      const { rows } = await database.pool.query<{ id: string }>(
        `SELECT id FROM gatehouse.operations WHERE ${where} ORDER BY sequence DESC`,
      );
      expect({ query, ids: await operationIds({ ...query, limit: 3 }) }).toEqual({
        query,
        ids: rows.map(({ id }) => id),
      });
    }
  });
});

describe("pages of environments", () => {
  const names = async (between?: () => Promise<unknown>) =>
    (await walk((cursor) => useCases.listEnvironments({ limit: 5, cursor }), between)).map(({ name }) => name);

  it("show each that was there once, by name, while others arrive before and behind", async () => {
    const before = Array.from({ length: 30 }, (_, index) => `m${String(index).padStart(2, "0")}-x`);
    for (const name of before) await insertStack(database.pool, `environment/${name}`);
    let arrived = 0;
    const seen = await names(async () => {
      arrived += 1;
      for (const place of ["a", "m", "m15-", "z"]) await insertStack(database.pool, `environment/${place}${arrived}`);
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => before.includes(name))).toEqual(before);
  });

  it("hold no foundations, and those of foundations no environments", async () => {
    for (const region of ["eu-central-1", "us-east-1"])
      await insertStack(database.pool, `foundation/111122223333/${region}`);
    expect(await names()).toEqual(["a"]);
    const foundations = await walk((cursor) => useCases.listFoundations({ limit: 1, cursor }));
    expect(foundations.map(({ region }) => region)).toEqual(["eu-central-1", "us-east-1"]);
  });
});

describe("a cursor that the list did not give", () => {
  const cursorOf = (key: string): string => Buffer.from(key).toString("base64url");
  const garbage = [
    "x",
    cursorOf("nonsense"),
    cursorOf("-1"),
    cursorOf("1 OR 1=1"),
    cursorOf("1e3"),
    "MTA=",
    "A".repeat(200),
  ];

  it.each([...garbage, cursorOf("environment/a")])("is refused by the list of operations: %s", async (cursor) => {
    await expect(useCases.listOperations({ ...everything, cursor })).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/cursor" }],
    });
  });

  it.each([...garbage, cursorOf("17"), cursorOf("foundation/111122223333/eu-central-1")])(
    "is refused by the list of environments: %s",
    async (cursor) => {
      await expect(useCases.listEnvironments({ limit: 5, cursor })).rejects.toMatchObject({ code: "invalid_request" });
    },
  );

  it.each([...garbage, cursorOf("environment/a")])("is refused by the list of foundations: %s", async (cursor) => {
    await expect(useCases.listFoundations({ limit: 5, cursor })).rejects.toMatchObject({ code: "invalid_request" });
  });
});
