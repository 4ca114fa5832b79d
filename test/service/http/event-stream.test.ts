import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { createSendEvents, eventStreamSettings, type EventSource } from "../../../service/http/event-stream.ts";
import { listen, type Listening } from "../../../service/http/listen.ts";
import type { EventPage, OperationEvent } from "../../../service/domain/operation-event.ts";
import { parseStream } from "./event-reader.ts";

const event = (number: number, message = "hello"): OperationEvent => ({
  number,
  type: "diagnostic",
  at: "2026-11-22T12:00:00.000Z",
  operation: "019aa000-0000-7000-8000-000000000001",
  stack: "environment/production",
  kind: "up",
  attempt: 1,
  data: { urn: null, severity: "info", message },
});
const page = (...events: OperationEvent[]): EventPage => ({ events, over: false });
const endlessText = "x".repeat(2_000);

class DatabaseAway extends Error {}

/** Resolves when the condition holds: looks at each turn of the event loop, and gives up before the test is given up. */
const until = async (holds: () => boolean): Promise<void> => {
  const limit = AbortSignal.timeout(20_000);
  while (!holds()) {
    limit.throwIfAborted();
    await turn();
  }
};

describe("a stream of events", () => {
  let listening: Listening;
  let responses: ServerResponse[];
  let ended: number;
  let failures: unknown[];
  let stopping: AbortController;
  let time: number;
  let sockets: Socket[];

  /** A server whose every answer streams the source. */
  const serve = async (source: EventSource, settings: Partial<typeof eventStreamSettings> = {}): Promise<void> => {
    const send = createSendEvents({
      settings: { ...eventStreamSettings, ...settings },
      clock: () => time,
      isUnavailable: (error) => error instanceof DatabaseAway,
    });
    listening = await listen(
      (_request, response) => {
        responses.push(response);
        const gone = new AbortController();
        response.once("close", () => gone.abort());
        send(response, source, AbortSignal.any([gone.signal, stopping.signal]))
          .catch((error: unknown) => {
            failures.push(error);
            if (!response.headersSent) response.writeHead(503).end();
          })
          .finally(() => (ended += 1));
      },
      "127.0.0.1",
      0,
    );
  };
  const source = (follow: EventSource["follow"], after = 0): EventSource => ({ after, follow });
  const read = async (): Promise<ReturnType<typeof parseStream>> =>
    parseStream(await (await fetch(listening.url)).text());
  /** A reader that asks and then takes nothing from its socket. */
  const silentReader = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
    sockets.push(socket);
    socket.pause();
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    return socket;
  };

  beforeEach(() => {
    responses = [];
    failures = [];
    sockets = [];
    ended = 0;
    time = 0;
    stopping = new AbortController();
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    stopping.abort();
    await listening.close();
  });

  it("is the standard's text, which no proxy keeps or compresses", async () => {
    await serve(
      source(async function* () {
        yield await Promise.resolve(page(event(1), event(2, "line\nend \u2028 and \r")));
        yield page(event(3));
      }),
    );
    const response = await fetch(listening.url);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    const stream = parseStream(await response.text());
    expect(stream).toEqual({
      events: [event(1), event(2, "line\nend \u2028 and \r"), event(3)],
      ids: ["1", "2", "3"],
      comments: [],
      retry: "2000",
    });
  });

  it("begins behind the event that the reader has", async () => {
    await serve(
      source(async function* (after) {
        yield await Promise.resolve(page(event(after + 1)));
      }, 41),
    );
    expect((await read()).ids).toEqual(["42"]);
  });

  it("says something now and then when nothing happens", async () => {
    await serve(
      source(async function* () {
        for (time = 0; time <= 45_000; time += 5_000) yield await Promise.resolve(page());
        yield page(event(1));
      }),
    );
    expect(await read()).toMatchObject({ comments: ["nothing new", "nothing new", "nothing new"], ids: ["1"] });
  });

  it("goes on behind its last event when the database was away", async () => {
    const asked: number[] = [];
    await serve(
      source(async function* (after) {
        asked.push(after);
        if (asked.length === 1) {
          yield await Promise.resolve(page(event(1), event(2)));
          throw new DatabaseAway();
        }
        yield page(event(after + 1));
      }),
      { retry: 1 },
    );
    const stream = await read();
    expect(asked).toEqual([0, 2]);
    expect(stream.ids).toEqual(["1", "2", "3"]);
    expect(stream.comments).toHaveLength(1);
  });

  it("breaks off, and does not end, on any other error", async () => {
    await serve(
      source(async function* () {
        yield await Promise.resolve(page(event(1)));
        throw new Error("broken");
      }),
    );
    await expect(read()).rejects.toThrow();
    await until(() => ended === 1);
    expect(failures).toEqual([new Error("broken")]);
  });

  it("reads no further than a reader that does not read has room for, and cuts it off in the end", async () => {
    let pages = 0;
    const follow: EventSource["follow"] = async function* (after) {
      for (let number = after; ;) {
        pages += 1;
        yield await Promise.resolve(page(...Array.from({ length: 100 }, () => event((number += 1), endlessText))));
      }
    };
    await serve(source(follow), { stall: 300 });
    await silentReader();
    await until(() => responses[0]?.writableNeedDrain === true);
    let most = 0;
    await until(() => {
      most = Math.max(most, responses[0]!.writableLength);
      return ended === 1;
    });
    // The kernel's own buffers take some pages; the process never holds more than its mark and one chunk.
    expect(most).toBeLessThan(responses[0]!.writableHighWaterMark + 16_384 + 2 * endlessText.length);
    expect(pages).toBeLessThan(100);
    expect({ failures, destroyed: responses[0]!.destroyed }).toEqual({ failures: [], destroyed: true });
  });

  it("ends when its reader goes away, waiting or not", async () => {
    let stopped = false;
    await serve(
      source(async function* (_after, signal) {
        yield await Promise.resolve(page(event(1)));
        if (!signal.aborted) await once(signal, "abort");
        stopped = true;
      }),
    );
    const reader = new AbortController();
    const response = await fetch(listening.url, { signal: reader.signal });
    await response.body!.getReader().read();
    reader.abort();
    await until(() => ended === 1);
    expect({ stopped, failures }).toEqual({ stopped: true, failures: [] });
  });

  it("ends at once when the service stops, also for a reader that does not read", async () => {
    await serve(
      source(async function* (after, signal) {
        for (let number = after; !signal.aborted;) yield await Promise.resolve(page(event((number += 1), endlessText)));
      }),
    );
    await silentReader();
    await until(() => responses[0]?.writableNeedDrain === true);
    stopping.abort();
    await until(() => ended === 1);
    expect({ destroyed: responses[0]!.destroyed, failures }).toEqual({ destroyed: true, failures: [] });
  });

  it("is refused when there are too many, and given again when one has ended", async () => {
    const release = new AbortController();
    await serve(
      source(async function* () {
        if (!release.signal.aborted) await once(release.signal, "abort");
        yield page(event(1));
      }),
      { most: 1 },
    );
    const first = fetch(listening.url);
    await first;
    expect((await fetch(listening.url)).status).toBe(503);
    expect(failures).toMatchObject([{ code: "unavailable", retryAfterSeconds: 10 }]);
    release.abort();
    expect(parseStream(await (await first).text()).ids).toEqual(["1"]);
    await until(() => ended === 2);
    expect((await read()).ids).toEqual(["1"]);
  });

  it("leaves the connection for the next call when it has ended", async () => {
    await serve(
      source(async function* () {
        yield await Promise.resolve(page(event(1)));
      }),
    );
    const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
    sockets.push(socket);
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    await until(() => text.includes("\r\n0\r\n\r\n"));
    socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    await until(() => text.split("\r\n0\r\n\r\n").length === 3);
    expect(responses[0]!.req.socket).toBe(responses[1]!.req.socket);
  });
});
