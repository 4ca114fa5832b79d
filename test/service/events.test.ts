/** Events end to end: written by a worker in one application, followed through another one on the same database. */
import fc from "../support/properties.ts";
import { operationEvent } from "../../service/domain/operation-event.ts";
import type { Operation } from "../../service/domain/operation.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";
import { idleAdapters, idleEngine } from "../support/idle-adapters.ts";
import type { ConnectAdapters } from "../../service/adapters.ts";
import { parseStream, type ReadStream } from "./http/event-reader.ts";

const foundationRequest = {
  action: "preview",
  foundation: { account: "111122223333", region: "ap-southeast-1" },
};

const stepNames = Array.from({ length: 12 }, (_, index) => `resource-${index}`);

/** Previews that plan some resources, and wait for the test in the middle. */
const heldAdapters =
  (held: Promise<void>): ConnectAdapters =>
  async (context) => {
    const { reader, accessReader } = await idleAdapters(context);
    const idle = idleEngine();
    return {
      reader,
      accessReader,
      engine: {
        ...idle,
        run: async (run, options) => {
          for (const name of stepNames) {
            const step = {
              op: "create" as const,
              urn: `urn:pulumi:stack::gatehouse::t::${name}`,
              type: "t",
              name,
              diff: [],
            };
            options.onEvent({ type: "resource.planned", step });
          }
          await held;
          return idle.run(run, options);
        },
      },
    };
  };

describe("events between processes", () => {
  let api: TestApplication;
  let worker: TestApplication;
  let release: () => void;

  beforeEach(async () => {
    const held = new Promise<void>((resolve) => (release = resolve));
    api = await startTestApplication({ connectAdapters: idleAdapters, environment: { GATEHOUSE_ROLES: "api" } });
    worker = await startTestApplication({
      connectAdapters: heldAdapters(held),
      environment: { GATEHOUSE_ROLES: "worker", DATABASE_URL: api.database.url },
    });
  });
  afterEach(async () => {
    release();
    await worker.close();
    await api.close();
  });

  const start = async (): Promise<string> => {
    const response = await api.call("POST", "/v1/foundation-requests", foundationRequest);
    return ((await response.json()) as Operation).id;
  };
  const follow = (id: string, after?: number): Promise<Response> =>
    api.call(
      "GET",
      `/v1/operations/${id}/events`,
      undefined,
      after === undefined ? {} : { "Last-Event-ID": String(after) },
    );
  const readAll = async (response: Response): Promise<ReadStream> => parseStream(await response.text());

  it("are followed live through a process that does not do the work, and replayed alike", async () => {
    const id = await start();
    const response = await follow(id);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    // The preview is under way in the other process and cannot end yet.
    while (!text.includes("operation.started")) text += (await reader.read()).value ?? "";
    expect(text).not.toContain("operation.succeeded");
    release();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    const live = parseStream(text);
    expect(live.events.map(({ type }) => type)).toEqual([
      "operation.queued",
      "operation.started",
      ...stepNames.map(() => "resource.planned"),
      "operation.succeeded",
    ]);
    for (const event of live.events) expect(operationEvent.parse(event)).toEqual(event);
    const replayed = await readAll(await follow(id));
    expect(replayed).toEqual(live);

    // Behind any event there is the rest, and behind the last one nothing to come back for.
    await fc.assert(
      fc.asyncProperty(fc.nat(live.events.length), async (after) => {
        const resumed = await follow(id, after);
        if (after === live.events.length) expect(resumed.status).toBe(204);
        else expect((await readAll(resumed)).events).toEqual(live.events.slice(after));
      }),
      { numRuns: 15 },
    );
  });

  it("end when the service stops, which does not wait for their readers", async () => {
    const id = await start();
    const response = await follow(id);
    const text = response.text();
    const began = performance.now();
    await api.close();
    expect(parseStream(await text)).toMatchObject({ retry: "2000" });
    // Well under what a connection that is busy is given.
    expect(performance.now() - began).toBeLessThan(2_000);
    api.close = () => Promise.resolve();
  });

  it("are refused where there are none", async () => {
    const id = await start();
    expect((await follow("019aa000-0000-7000-8000-00000000dead")).status).toBe(404);
    const ahead = await follow(id, 99);
    expect({ status: ahead.status, body: await ahead.json() }).toMatchObject({
      status: 400,
      body: { code: "invalid_request", errors: [{ pointer: "/Last-Event-ID" }] },
    });
    const head = await api.call("HEAD", `/v1/operations/${id}/events`);
    expect({ status: head.status, text: await head.text() }).toEqual({ status: 200, text: "" });
  });
});
