/** Databases of earlier versions, with rows in them, become what a new one is. Later migrations are covered without a change here. */
import pg from "pg";
import { migrateDatabase, readMigrations } from "../../../service/db/migrate.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../../support/database.ts";

/** The last migration of the first version that landed with data of its own. */
const firstLanded = 3;

/** Rows as that version wrote them: a stack that was applied, one that waits, and all that hangs on them. */
const firstRows = `
  INSERT INTO gatehouse.stacks (name, kind, team, status, revision, spec, arguments, outputs, resources, created_at, updated_at) VALUES
    ('foundation/111122223333/ap-southeast-1', 'foundation', 'platform', 'active', 1, '{"account":"111122223333"}', '{}', '{}', '[]', now(), now()),
    ('environment/production', 'environment', 'default', 'active', 1, '{"group":{"name":"ProductionAccess","members":[]}}', '{}', '{"groupId":"g"}', '[{"urn":"u"}]', now(), now()),
    ('environment/waiting', 'environment', 'default', 'pending', 0, NULL, NULL, '{}', '[]', now(), now());
  BEGIN;
  INSERT INTO gatehouse.operations
    (id, kind, preview_of, action, stack, team, status, requested_by, spec, approval_state, continues, continued_by, engine, cloud, attempt, created_at, started_at, finished_at)
  VALUES
    ('01980000-0000-7000-8000-000000000001', 'preview', 'up', 'up', 'environment/production', 'default', 'succeeded', 'admin', '{}', 'not_required', NULL, '01980000-0000-7000-8000-000000000002', 'sandbox', 'simulated', 1, now(), now(), now()),
    ('01980000-0000-7000-8000-000000000002', 'up', NULL, 'up', 'environment/production', 'default', 'succeeded', 'admin', '{}', NULL, '01980000-0000-7000-8000-000000000001', NULL, 'sandbox', 'simulated', 1, now(), now(), now()),
    ('01980000-0000-7000-8000-000000000003', 'preview', 'up', 'up', 'environment/waiting', 'default', 'queued', 'admin', '{}', 'not_required', NULL, NULL, 'sandbox', 'simulated', 0, now(), NULL, NULL),
    ('01980000-0000-7000-8000-000000000004', 'preview', 'up', 'preview', 'environment/production', 'default', 'running', 'admin', '{}', 'not_required', NULL, NULL, 'sandbox', 'simulated', 1, now(), now(), NULL);
  COMMIT;
  INSERT INTO gatehouse.people VALUES ('testuser01', 'environment/production');
  INSERT INTO gatehouse.retained_resources VALUES ('111122223333', 'ap-southeast-1', 'aws:kms/key:Key', 'k', 'environment/production', now());
  INSERT INTO gatehouse.api_keys VALUES (gen_random_uuid(), 'admin', 'admin', repeat('a', 64), now());
  INSERT INTO gatehouse.service_keys VALUES ('plan-digest', 'secret');
  INSERT INTO simulated_aws.resources (account, region, type, id, inputs, outputs, origin, made_at)
    VALUES ('111122223333', 'ap-southeast-1', 'aws:kms/key:Key', 'k', '{}', '{}', 'provider', now());
  INSERT INTO sandbox.stacks (name, outputs) VALUES ('environment.production', '{"values":{},"secrets":[]}');
  INSERT INTO sandbox.resources VALUES ('environment.production', 1, 'u', false, '{}');
`;

/** What the first version's tables held, as text, but for the columns that were added since. */
const kept = [
  "SELECT name, kind, team, revision, spec, outputs, resources FROM gatehouse.stacks ORDER BY name",
  "SELECT id, kind, action, stack, requested_by, spec, approval_state, continues, continued_by FROM gatehouse.operations ORDER BY sequence",
  "SELECT user_name, owner_stack FROM gatehouse.people",
  "SELECT account, region, type, id, stack FROM gatehouse.retained_resources",
  "SELECT name, role, key_hash FROM gatehouse.api_keys",
  "SELECT name, value FROM gatehouse.service_keys",
  "SELECT account, region, type, id FROM simulated_aws.resources",
  "SELECT name, outputs FROM sandbox.stacks",
  "SELECT stack, urn FROM sandbox.resources",
];

/** Tables, columns, constraints and indexes: what a schema is. */
const shape = `
  SELECT 'column' AS what, table_schema || '.' || table_name || '.' || column_name AS name,
         data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS definition
    FROM information_schema.columns WHERE table_schema IN ('gatehouse', 'sandbox', 'simulated_aws')
  UNION ALL
  SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace::regnamespace::text IN ('gatehouse', 'sandbox', 'simulated_aws')
  UNION ALL
  SELECT 'index', schemaname || '.' || indexname, indexdef
    FROM pg_indexes WHERE schemaname IN ('gatehouse', 'sandbox', 'simulated_aws')
  UNION ALL
  SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
  ORDER BY 1, 2, 3`;

const rowsOf = async (database: TestDatabase, statements: string[]): Promise<unknown[]> => {
  const rows: unknown[] = [];
  for (const statement of statements) rows.push((await database.pool.query(statement)).rows);
  return rows;
};

describe("a database of an earlier version", () => {
  let database: TestDatabase;
  let fresh: TestDatabase;
  beforeEach(async () => {
    [database, fresh] = await Promise.all([createEmptyDatabase(), createTestDatabase()]);
  });
  afterEach(() => Promise.all([database.drop(), fresh.drop()]));

  it("migrates forward with everything in it, to what a new database is", async () => {
    const migrations = await readMigrations();
    const first = migrations.filter(({ number }) => number <= firstLanded);
    const later = migrations.filter(({ number }) => number > firstLanded).map(({ name }) => name);
    await migrateDatabase(database.pool, { migrations: first });
    await database.pool.query(firstRows);
    const before = await rowsOf(database, kept);
    expect(await migrateDatabase(database.pool)).toEqual(later);
    expect(await rowsOf(database, kept)).toEqual(before);
    expect(await rowsOf(database, [shape])).toEqual(await rowsOf(fresh, [shape]));
  });

  it("migrates one file at a time to the same, as each version would have", async () => {
    const migrations = await readMigrations();
    for (const { number } of migrations) {
      await migrateDatabase(database.pool, { migrations: migrations.filter((one) => one.number <= number) });
      if (number === firstLanded) await database.pool.query(firstRows);
    }
    expect(await rowsOf(database, [shape])).toEqual(await rowsOf(fresh, [shape]));
  });

  it("is migrated once while several processes start, and the one that is older refuses what is newer", async () => {
    const migrations = await readMigrations();
    const older = migrations.slice(0, -1);
    await migrateDatabase(database.pool, { migrations: older });
    const pools = [1, 2, 3, 4].map(() => new pg.Pool({ connectionString: database.url, max: 1 }));
    const applied = await Promise.all(pools.map((pool) => migrateDatabase(pool)));
    expect(applied.flat()).toEqual(migrations.slice(-1).map(({ name }) => name));
    await expect(migrateDatabase(database.pool, { migrations: older })).rejects.toThrow(/newer than this program/);
    await Promise.all(pools.map((pool) => pool.end()));
  });
});
