import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { addResource } from "../../../service/cloud/simulated/out-of-band.ts";
import { accountLock, type SimulatedAccount } from "../../../service/cloud/simulated/simulated-account.ts";
import { simulatedProvider } from "../../../service/cloud/simulated/simulated-provider.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { until } from "../../support/until.ts";

const scope = { account: "111122223333", region: "us-east-1" };
const keyType = "aws:kms/key:Key";
const logGroupType = "aws:cloudwatch/logGroup:LogGroup";
const versioningType = "aws:s3/bucketVersioning:BucketVersioning";

let database: TestDatabase;
let time = new Date("2026-01-01T10:00:00.000Z");
const account = (): SimulatedAccount => ({
  pool: database.pool,
  identityCenter: scope,
  now: () => time,
  newId: () => randomUUID(),
});
const at = (clock: string): Date => (time = new Date(`2026-01-01T${clock}.000Z`));

/** How many transactions of this database wait for the account. */
const waitingFor = async (connection: PoolClient): Promise<number> => {
  const { rows } = await connection.query(
    `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`,
  );
  return rows.length;
};

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("looking for what a create may have made", () => {
  it("finds it by its name and everything else that was asked for, whoever wrote defaults beside it", async () => {
    const since = at("10:00:00");
    await addResource(account(), logGroupType, { name: "mine", retentionInDays: 7 }, scope);
    const provider = simulatedProvider(account());
    const find = (inputs: Record<string, string | number>) => provider.findCreated(logGroupType, inputs, scope, since);
    expect(await find({ name: "mine", retentionInDays: 7 })).toEqual(["mine"]);
    expect(await find({ name: "mine", retentionInDays: 30 })).toEqual([]);
    expect(await find({ name: "other", retentionInDays: 7 })).toEqual([]);
    const elsewhere = { ...scope, region: "eu-west-1" };
    expect(await provider.findCreated(logGroupType, { name: "mine", retentionInDays: 7 }, elsewhere, since)).toEqual(
      [],
    );
  });

  it("waits for the writes of the account that are under way", async () => {
    const since = at("10:30:00");
    const other = await database.pool.connect();
    await other.query(`BEGIN; ${accountLock(scope.account)}`);
    const provider = simulatedProvider(account());
    // First in the queue for the account, as a write is whose CLI was killed.
    const write = provider.create(logGroupType, "late", { name: "late" }, scope);
    await until(async () => (await waitingFor(other)) === 1);
    const found = provider.findCreated(logGroupType, { name: "late" }, scope, since);
    await until(async () => (await waitingFor(other)) === 2);
    await other.query("COMMIT");
    other.release();
    expect(await found).toEqual(["late"]);
    await write;
  });

  it("does not take for it what was there before", async () => {
    at("11:00:00");
    await addResource(account(), logGroupType, { name: "earlier" }, scope);
    const since = at("11:00:01");
    expect(await simulatedProvider(account()).findCreated(logGroupType, { name: "earlier" }, scope, since)).toEqual([]);
  });

  it("gives all that could be it where AWS knows no name, oldest first", async () => {
    const since = at("12:00:00");
    const inputs = { description: "Sessions", enableKeyRotation: true };
    const { id: first } = await addResource(account(), keyType, inputs, scope);
    at("12:00:01");
    const { id: second } = await addResource(account(), keyType, inputs, scope);
    await addResource(account(), keyType, { ...inputs, description: "Others" }, scope);
    expect(await simulatedProvider(account()).findCreated(keyType, inputs, scope, since)).toEqual([first, second]);
  });

  it("finds what a Put call overwrote, whenever it was first made", async () => {
    at("13:00:00");
    await addResource(account(), "aws:s3/bucket:Bucket", { bucket: "a-bucket" }, scope);
    const inputs = { bucket: "a-bucket", versioningConfiguration: { status: "Enabled" } };
    await addResource(account(), versioningType, inputs, scope);
    const since = at("13:00:01");
    expect(await simulatedProvider(account()).findCreated(versioningType, inputs, scope, since)).toEqual(["a-bucket"]);
  });
});
