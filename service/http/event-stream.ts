/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A reader pulls: the next page is read
 * from the table when the socket has taken the last one, so what a slow reader costs is one page and a socket's buffer.
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { DomainError, invalidRequest } from "../domain/errors.ts";
import type { EventPage, OperationEvent } from "../domain/operation-event.ts";

export interface EventStreamSettings {
  /** A comment is sent after so long without an event: proxies cut connections that say nothing. Milliseconds. */
  heartbeat: number;
  /** Longest wait for a reader to take what was sent; then it is cut off. Milliseconds. */
  stall: number;
  /** How long a reader is told to wait before it comes back, and how long the stream rests while the database is away. Milliseconds. */
  retry: number;
  /** Streams at once in this process. */
  most: number;
}

export const eventStreamSettings: EventStreamSettings = {
  heartbeat: 15_000,
  stall: 60_000,
  retry: 2_000,
  most: 1_000,
};

interface EventStreamDependencies {
  settings: EventStreamSettings;
  /** Milliseconds. */
  clock: () => number;
  /** Whether an error means that the database is away: the stream goes on when it is back. */
  isUnavailable: (error: unknown) => boolean;
}

/** What is sent: everything behind a number. */
export interface EventSource {
  after: number;
  /** Pages behind a number, as they come; ends when nothing more comes or the signal aborts. An empty page: nothing yet. */
  follow: (after: number, signal: AbortSignal) => AsyncIterable<EventPage>;
}

/** Answers with a stream; resolves when it has ended, whoever ended it. @throws DomainError `unavailable` before anything was sent */
export type SendEvents = (response: ServerResponse, source: EventSource, signal: AbortSignal) => Promise<void>;

const headers = {
  "Content-Type": "text/event-stream; charset=utf-8",
  // Proxies shall neither keep nor compress it, as both hold events back; nginx is told by a header of its own:
  // https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

/** One event as text; JSON holds no line ends of its own. */
const eventText = (event: OperationEvent): string =>
  `id: ${event.number}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Events of a page, put together to be written at once. */
interface Chunk {
  bytes: Buffer;
  /** Number of the last one. */
  last: number;
}

/** What is written at once, in bytes; an event more is the most that waits beyond a socket's mark. */
const chunkSize = 16_384;

/** A page as chunks. Readers at the same place share a page, so it is put into text once for all of them. */
function createChunker(): (events: readonly OperationEvent[]) => readonly Chunk[] {
  const known = new WeakMap<readonly OperationEvent[], readonly Chunk[]>();
  return (events) => {
    const chunks = known.get(events) ?? chunksOf(events);
    known.set(events, chunks);
    return chunks;
  };
}

function chunksOf(events: readonly OperationEvent[]): Chunk[] {
  const chunks: Chunk[] = [];
  let text = "";
  for (const [index, event] of events.entries()) {
    text += eventText(event);
    if (text.length < chunkSize && index < events.length - 1) continue;
    chunks.push({ bytes: Buffer.from(text), last: event.number });
    text = "";
  }
  return chunks;
}

/**
 * The number of `Last-Event-ID`; 0, in front of all events, without one. A reader that has no id yet sends an empty one or none.
 *
 * @throws DomainError `invalid_request`
 */
export function lastEventNumber(header: string | undefined): number {
  if (header === undefined || header === "") return 0;
  if (!/^\d{1,9}$/.test(header))
    throw invalidRequest([
      { pointer: "/Last-Event-ID", message: "must be the id of an event of this stream: a number" },
    ]);
  return Number(header);
}

/** The reader does not take what it is sent. */
class Stalled extends Error {}

/** Makes the sender of a process: it counts the streams. */
export function createSendEvents({ settings, clock, isUnavailable }: EventStreamDependencies): SendEvents {
  const chunksOfPage = createChunker();
  let open = 0;

  const send = async (response: ServerResponse, source: EventSource, signal: AbortSignal): Promise<void> => {
    const write = (part: string | Buffer) => writeAndWait(response, part, settings.stall, signal);
    let { after } = source;
    let lastWrite = clock();
    const copy = async (): Promise<void> => {
      for await (const { events } of source.follow(after, signal)) {
        for (const { bytes, last } of chunksOfPage(events)) {
          await write(bytes);
          after = last;
        }
        if (events.length > 0) lastWrite = clock();
        else if (clock() - lastWrite >= settings.heartbeat) {
          await write(": nothing new\n\n");
          lastWrite = clock();
        }
      }
    };

    response.writeHead(200, headers);
    if (response.req.method === "HEAD") return;
    response.flushHeaders();
    await write(`retry: ${settings.retry}\n\n`);
    for (let over = false; !over && !signal.aborted;) {
      try {
        await copy();
        over = true;
      } catch (error) {
        if (isAborted(signal)) return;
        if (!isUnavailable(error)) throw error;
        await write(": the database does not answer; the stream goes on when it does\n\n");
        await rest(settings.retry, signal);
      }
    }
  };

  return async (response, source, signal) => {
    if (open >= settings.most) {
      throw new DomainError(
        "unavailable",
        `${settings.most} readers follow events here already. GET /v1/operations/{id} says how it stands.`,
        { retryAfterSeconds: 10 },
      );
    }
    open += 1;
    try {
      await send(response, source, signal);
      // What a reader has not taken when the service stops is not waited for: it comes back for it.
      if (signal.aborted && response.writableNeedDrain) response.destroy();
      else response.end();
    } catch (error) {
      response.destroy();
      if (!(error instanceof Stalled)) throw error;
    } finally {
      open -= 1;
    }
  };
}

/** Asked anew each time: a signal aborts while others wait. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Writes, and waits for room where there is none. @throws Stalled */
async function writeAndWait(
  response: ServerResponse,
  part: string | Buffer,
  longest: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted || response.destroyed || response.write(part)) return;
  const late = new AbortController();
  const limit = setTimeout(() => late.abort(), longest);
  try {
    await once(response, "drain", { signal: AbortSignal.any([signal, late.signal]) });
  } catch (error) {
    if (late.signal.aborted) throw new Stalled("the reader takes nothing", { cause: error });
    if (!isAborted(signal)) throw error;
  } finally {
    clearTimeout(limit);
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
