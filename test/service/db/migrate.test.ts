import { migrateDatabase, pendingMigrations, readMigrations, type Migration } from "../../../service/db/migrate.ts";
import { createEmptyDatabase, createTestDatabase, testPool, type TestDatabase } from "../../support/database.ts";

const migration = (number: number, sql = "SELECT 1"): Migration => ({
  number,
  name: `${String(number).padStart(4, "0")}-test.sql`,
  sql,
  checksum: `checksum of ${sql}`,
});

describe("which migrations are applied", () => {
  it("applies what the database does not have yet, in order", () => {
    const known = [migration(1), migration(2), migration(3)];
    expect(pendingMigrations(known, [migration(1)]).map(({ number }) => number)).toEqual([2, 3]);
    expect(pendingMigrations(known, known)).toEqual([]);
  });

  it.each([
    ["the database is newer than the program", [migration(1)], [migration(1), migration(2)], /newer than this program/],
    [
      "an applied file was changed",
      [migration(1, "SELECT 2")],
      [migration(1)],
      /differs from the one that was applied/,
    ],
    ["a number was slipped in before an applied one", [migration(1), migration(2)], [migration(2)], /later number/],
  ])("refuses when %s", (_case, known, applied, message) => {
    expect(() => pendingMigrations(known, applied)).toThrow(message);
  });
});

describe("migrating a database", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  it("makes the schema once; a second time changes nothing", async () => {
    const names = (await readMigrations()).map(({ name }) => name);
    expect(await migrateDatabase(database.pool)).toEqual(names);
    expect(await migrateDatabase(database.pool)).toEqual([]);
  });

  it("lets several processes start at once", async () => {
    const pools = [1, 2, 3].map(() => testPool(database.url, 1));
    const applied = await Promise.all(pools.map((pool) => migrateDatabase(pool)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it("leaves nothing of a migration that fails, and names it", async () => {
    const broken = migration(1, "CREATE TABLE gatehouse.half (id integer); SELECT nonsense");
    await expect(migrateDatabase(database.pool, { migrations: [broken] })).rejects.toThrow(/0001-test.sql .*nonsense/);
    const left = await database.pool.query("SELECT to_regclass('gatehouse.half') AS half");
    expect(left.rows).toEqual([{ half: null }]);
  });
});

describe("a test's database", () => {
  it("comes migrated", async () => {
    const database = await createTestDatabase();
    expect(await migrateDatabase(database.pool)).toEqual([]);
    await database.drop();
  });
});
