import { v7 as uuidv7 } from "uuid";
import { foundationRequest, type FoundationInput } from "../../../service/domain/foundation-document.ts";
import { noPreconditions } from "../../../service/domain/preconditions.ts";
import { createUseCases } from "../../../service/usecases/create.ts";
import { callDigest } from "../../../service/usecases/requests/idempotency.ts";
import type { StartConditions } from "../../../service/usecases/start-conditions.ts";
import type { UseCases } from "../../../service/usecases/usecases.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation: FoundationInput = { account: "111122223333", region: "ap-southeast-1" };
const patient = { seconds: 20, follow: true, signal: new AbortController().signal };

/** What the door makes of a POST with this key. */
const withKey = (key: string, path: string, document?: unknown): StartConditions => ({
  once: { key, call: callDigest("POST", path, document) },
  preconditions: noPreconditions,
  requestId: null,
});

describe("a call with an idempotency key", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  /** The same service in another process, or after a restart. */
  let elsewhere: UseCases;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    elsewhere = createUseCases({ ...world.dependencies, newId: uuidv7 });
  });
  afterEach(() => database.drop());

  const request = (key: string, document: FoundationInput = foundation, useCases = world.useCases, caller = admin) =>
    useCases.submitFoundation(
      caller,
      foundationRequest.parse({ action: "up", foundation: document }),
      withKey(key, "/v1/foundation-requests", document),
    );
  const operationCount = async (): Promise<number> =>
    (
      await world.useCases.listOperations({
        limit: 200,
        cursor: null,
        stack: null,
        status: null,
        kind: null,
        approval: null,
        team: null,
      })
    ).items.length;

  it("gets the first answer again, in another process too, and starts work once", async () => {
    const first = await request("ticket-1");
    expect(await request("ticket-1")).toEqual(first);
    expect(await request("ticket-1", foundation, elsewhere)).toEqual(first);
    expect(JSON.stringify(await request("ticket-1"))).toBe(JSON.stringify(first));
    expect(await operationCount()).toBe(1);
  });

  it("gets the first answer as it was when the work has gone on, and may wait for how it stands now", async () => {
    const first = await request("ticket-1");
    await world.work();
    const again = await request("ticket-1");
    expect(again).toEqual(first);
    expect(await world.useCases.waitFor(again, patient)).toMatchObject({
      done: true,
      operation: { kind: "up", status: "succeeded", continues: first.id },
    });
  });

  it("is refused when the document is another, or the path", async () => {
    const first = await request("ticket-1");
    await expect(request("ticket-1", { ...foundation, region: "eu-central-1" })).rejects.toMatchObject({
      code: "idempotency_key_reused",
      detail: expect.stringContaining(first.id),
    });
    await expect(
      world.useCases.apply(admin, first.id, withKey("ticket-1", `/v1/operations/${first.id}/apply`)),
    ).rejects.toMatchObject({ code: "idempotency_key_reused" });
    expect(await operationCount()).toBe(1);
  });

  it("does not meet the same key of another caller", async () => {
    const first = await request("ticket-1");
    const second = await request("ticket-1", foundation, world.useCases, { name: "idp", role: "admin" });
    expect(second.id).not.toBe(first.id);
  });

  it("starts work once when it comes many times at once, in two processes, and everybody gets the one answer", async () => {
    const calls = Array.from({ length: 24 }, (_, index) =>
      request("ticket-1", foundation, index % 2 === 0 ? world.useCases : elsewhere),
    );
    const answers = new Set((await Promise.all(calls)).map((answer) => JSON.stringify(answer)));
    expect([answers.size, await operationCount()]).toEqual([1, 1]);
  });

  it("lets one of two different documents through when they come at once", async () => {
    const documents = Array.from({ length: 10 }, (_, index) => ({
      ...foundation,
      sessionPreferences: { idleTimeoutMinutes: index % 2 === 0 ? 15 : 20 },
    }));
    const settled = await Promise.allSettled(documents.map((document) => request("ticket-1", document)));
    const refused = settled.filter(({ status }) => status === "rejected");
    expect([refused.length, await operationCount()]).toEqual([5, 1]);
    for (const { reason } of refused as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: "idempotency_key_reused" });
  });

  it("leaves no key behind when it is refused", async () => {
    const destroy = () =>
      world.useCases.destroyFoundation(
        admin,
        foundation.account,
        foundation.region,
        withKey("ticket-1", "/v1/foundations"),
      );
    await expect(destroy()).rejects.toMatchObject({ code: "not_found" });
    expect((await database.pool.query("SELECT 1 FROM gatehouse.idempotency_keys")).rowCount).toBe(0);
    await world.upFoundation(foundation);
    expect(await destroy()).toMatchObject({ kind: "preview", previewOf: "destroy" });
  });

  it("gets the first answer where the call itself would be refused by now", async () => {
    await world.upFoundation(foundation);
    const destroy = () =>
      world.useCases.destroyFoundation(admin, foundation.account, foundation.region, withKey("d", "/v1/foundations"));
    const preview = await destroy();
    await world.work();
    const apply = () => world.useCases.apply(admin, preview.id, withKey("a", `/v1/operations/${preview.id}/apply`));
    const applying = await apply();
    await world.work();
    expect(await world.useCases.getOperation(applying.id)).toMatchObject({ kind: "destroy", status: "succeeded" });
    expect([await destroy(), await apply()]).toEqual([preview, applying]);
  });

  it("starts work anew after 24 hours, with any document", async () => {
    world.setTime("2026-11-22T12:00:00Z");
    const first = await request("ticket-1");
    world.setTime("2026-11-23T11:59:59Z");
    expect((await request("ticket-1")).id).toBe(first.id);
    world.setTime("2026-11-23T12:00:00Z");
    const other: FoundationInput = { ...foundation, region: "eu-central-1" };
    const second = await request("ticket-1", other);
    expect(second.id).not.toBe(first.id);
    expect(await request("ticket-1", other)).toEqual(second);
  });

  it("is kept as a hash only", async () => {
    await request("customer-4711-password");
    const { rows } = await database.pool.query<{ text: string }>(
      "SELECT row_to_json(kept)::text AS text FROM gatehouse.idempotency_keys kept",
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain("4711");
  });
});

describe("what makes two calls the same", () => {
  it("is method, path and document, whatever the order of its members", () => {
    const digest = callDigest("POST", "/v1/a", { b: 1, a: [1, 2] });
    expect(callDigest("POST", "/v1/a", { a: [1, 2], b: 1 })).toBe(digest);
    for (const other of [
      callDigest("POST", "/v1/a", { b: 1, a: [2, 1] }),
      callDigest("POST", "/v1/b", { b: 1, a: [1, 2] }),
      callDigest("DELETE", "/v1/a", { b: 1, a: [1, 2] }),
      callDigest("POST", "/v1/a", undefined),
    ])
      expect(other).not.toBe(digest);
  });
});
