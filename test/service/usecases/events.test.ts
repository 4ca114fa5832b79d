import fc from "../../support/properties.ts";
import { operationEvent, type OperationEvent } from "../../../service/domain/operation-event.ts";
import { foundationRequest } from "../../../service/domain/foundation-document.ts";
import type { NewEvent } from "../../../service/store/events.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const request = (action: "preview" | "up", region = "ap-southeast-1") =>
  foundationRequest.parse({ action, foundation: { account: "111122223333", region } });

const diagnosticOf = (message: string): NewEvent => ({
  type: "diagnostic",
  data: { urn: null, severity: "info", message },
});

describe("the events of an operation", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.pool.query("TRUNCATE gatehouse.stacks, gatehouse.operations CASCADE");
    world = createUseCaseWorld(database.pool);
  });
  afterAll(() => database.drop());

  const eventsOf = async (id: string): Promise<OperationEvent[]> => {
    const page = await world.dependencies.store.events.page(id, 0, 10_000);
    return page?.events ?? [];
  };
  const typesOf = async (id: string): Promise<string[]> => (await eventsOf(id)).map(({ type }) => type);
  const numbersOf = async (id: string): Promise<number[]> => (await eventsOf(id)).map(({ number }) => number);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it("tell what a preview planned, and that it ended", async () => {
    const preview = await world.useCases.submitFoundation(admin, request("preview"));
    await world.work();
    const { steps } = await world.useCases.getOperation(preview.id);
    const events = await eventsOf(preview.id);
    expect(events.map(({ type }) => type)).toEqual([
      "operation.queued",
      "operation.started",
      ...steps.map(() => "resource.planned"),
      "operation.succeeded",
    ]);
    expect(events[2]!.data).toEqual({
      step: { op: "create", urn: steps[0]!.urn, type: steps[0]!.type, name: steps[0]!.name },
    });
    expect(events.at(-1)!.data).toMatchObject({
      status: "succeeded",
      changes: { create: steps.length },
      problem: null,
    });
  });

  it("tell each resource of an up, numbered without gaps, as the contract writes them", async () => {
    const up = await world.upFoundation({ account: "111122223333", region: "ap-southeast-1" });
    const types = await typesOf(up.id);
    expect(types.slice(0, 2)).toEqual(["operation.queued", "operation.started"]);
    expect(types.filter((type) => type === "resource.done")).toHaveLength(up.steps.length);
    expect(types.at(-1)).toBe("operation.succeeded");
    expect(await numbersOf(up.id)).toEqual(upTo(types.length));
    for (const event of await eventsOf(up.id)) expect(operationEvent.parse(event)).toEqual(event);
  });

  it("tell why an operation failed", async () => {
    world.engine.breakNext("preview");
    const preview = await world.useCases.submitFoundation(admin, request("preview"));
    await world.work();
    const last = (await eventsOf(preview.id)).at(-1);
    expect(last).toMatchObject({ type: "operation.failed", attempt: 1, data: { problem: { code: "internal_error" } } });
  });

  it("tell that a newer request made a preview void", async () => {
    const first = await world.useCases.submitFoundation(admin, request("preview"));
    await world.work();
    const second = await world.useCases.submitFoundation(admin, request("up"));
    expect((await eventsOf(first.id)).at(-1)).toMatchObject({
      type: "approval.void",
      data: { supersededBy: second.id },
    });
  });

  it("go on where the first attempt stopped when a second one runs, which alone may write then", async () => {
    const { store } = world.dependencies;
    const { id } = await world.useCases.submitFoundation(admin, request("preview"));
    await store.leases.claim("worker", 0, new Date());
    expect(await store.events.append(id, 1, [diagnosticOf("first attempt")])).toBe(true);
    await store.leases.claim("worker", 0, new Date());
    expect(await store.events.append(id, 1, [diagnosticOf("too late")])).toBe(false);
    expect(await store.events.append(id, 2, [diagnosticOf("second attempt")])).toBe(true);
    expect((await eventsOf(id)).map(({ number, type, attempt }) => [number, type, attempt])).toEqual([
      [1, "operation.queued", 0],
      [2, "operation.started", 1],
      [3, "diagnostic", 1],
      [4, "operation.started", 2],
      [5, "diagnostic", 2],
    ]);
    expect(JSON.stringify(await eventsOf(id))).not.toContain("too late");
  });

  it("are gone with the change that they tell of when its transaction does not come through", async () => {
    const { store } = world.dependencies;
    const { id } = await world.useCases.submitFoundation(admin, request("preview"));
    const failing = store.transaction(async (tables) => {
      await tables.leases.claim("worker", 0, new Date());
      await tables.events.append(id, 1, [diagnosticOf("never happened")]);
      throw new Error("refused after all");
    });
    await expect(failing).rejects.toThrow("refused after all");
    expect(await typesOf(id)).toEqual(["operation.queued"]);
  });

  it("keep one order without gaps when many write at once", async () => {
    const { store } = world.dependencies;
    const { id } = await world.useCases.submitFoundation(admin, request("preview"));
    await store.leases.claim("worker", 0, new Date());
    await Promise.all(
      upTo(40).map((writer) =>
        store.events.append(
          id,
          1,
          upTo(1 + (writer % 3)).map((part) => diagnosticOf(`${writer}.${part}`)),
        ),
      ),
    );
    const messages = (await eventsOf(id)).slice(2).map(({ data }) => JSON.stringify(data["message"]).slice(1, -1));
    expect(await numbersOf(id)).toEqual(upTo(messages.length + 2));
    // Those of one write stay together and in order.
    for (const [index, message] of messages.entries()) {
      const [writer, part] = message.split(".");
      if (part !== "1") expect(messages[index - 1]).toBe(`${writer}.${Number(part) - 1}`);
    }
  });

  it("take any text that a program may print", async () => {
    const { id } = await world.useCases.submitFoundation(admin, request("preview"));
    const message = "line\nend\u2028 \u0000 \ud800 " + "x".repeat(10_000);
    world.engine.emitNext("preview", [{ type: "diagnostic", diagnostic: { urn: null, severity: "info", message } }]);
    await world.work();
    const told = (await eventsOf(id)).find(({ type }) => type === "diagnostic")!;
    expect(told.data["message"]).toMatch(/^line\nend\u2028 {2}\ufffd x{3000,4000} … \(cut/);
  });

  it("are not waited for when they are kept no longer", async () => {
    const preview = await world.useCases.submitFoundation(admin, request("preview"));
    await world.work();
    await database.pool.query("DELETE FROM gatehouse.events");
    expect(await world.useCases.readEvents(preview.id, 0)).toEqual({ events: [], over: true });
  });

  it("resume behind any number, in pages of any size", async () => {
    const up = await world.upFoundation({ account: "111122223333", region: "ap-southeast-1" });
    const all = await eventsOf(up.id);
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length), fc.integer({ min: 1, max: all.length + 1 }), async (after, limit) => {
        const read: OperationEvent[] = [];
        for (let over = false; !over;) {
          const page = await world.dependencies.store.events.page(up.id, read.at(-1)?.number ?? after, limit);
          read.push(...page!.events);
          over = page!.over;
        }
        expect(read).toEqual(all.slice(after));
      }),
      { numRuns: 40 },
    );
  });
});
