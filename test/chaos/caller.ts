/** A caller of the HTTP API who does not give up: what dies meanwhile is started again, and the same call is made once more. */
import { setTimeout as delay } from "node:timers/promises";
import type { Operation } from "../../service/domain/operation.ts";
import { isFinished } from "../../service/domain/operation.ts";
import type { Platform } from "./platform.ts";

export interface Answer<Body> {
  status: number;
  body: Body;
}

export interface Caller {
  /**
   * Calls until there is an answer that is the service's own word: no answer, 502 and 503 are tried again, and so is any
   * other 5xx, which is counted.
   *
   * @param key `Idempotency-Key`, without which a POST whose answer got lost would start work twice.
   */
  call<Body>(method: string, path: string, options?: { body?: unknown; key?: string }): Promise<Answer<Body>>;
  /** Waits for the end of an operation. */
  ended(id: string): Promise<Operation>;
  /** Answers that no caller should meet: any 5xx but 503. */
  faultyAnswers: string[];
}

const callMilliseconds = 10_000;
const patienceMilliseconds = 120_000;
const pollMilliseconds = 60;
const unavailable: ReadonlySet<number> = new Set([502, 503]);

export function createCaller(platform: Pick<Platform, "url" | "adminKey">): Caller {
  const faultyAnswers: string[] = [];

  const once = async <Body>(
    method: string,
    path: string,
    { body, key }: { body?: unknown; key?: string },
  ): Promise<Answer<Body> | null> => {
    try {
      const answer = await fetch(`${await platform.url()}${path}`, {
        method,
        signal: AbortSignal.timeout(callMilliseconds),
        headers: {
          authorization: `Bearer ${platform.adminKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.status >= 500 && !unavailable.has(answer.status))
        faultyAnswers.push(`${method} ${path}: ${answer.status} ${text}`);
      return answer.status >= 500 ? null : { status: answer.status, body: JSON.parse(text) as Body };
    } catch (error) {
      // Whoever was asked died, or did not answer in time.
      if (isNoAnswer(error)) return null;
      throw error;
    }
  };

  const call: Caller["call"] = async (method, path, options = {}) => {
    for (const deadline = Date.now() + patienceMilliseconds; Date.now() < deadline;) {
      const answer = await once<never>(method, path, options);
      if (answer !== null) return answer;
      await delay(pollMilliseconds);
    }
    throw new Error(`${method} ${path} was not answered within ${patienceMilliseconds / 1000} s`);
  };

  return {
    call,
    faultyAnswers,
    ended: async (id) => {
      const limit = Date.now() + patienceMilliseconds;
      for (;;) {
        const { status, body } = await call<Operation>("GET", `/v1/operations/${id}`);
        if (status !== 200) throw new Lost(`operation ${id} was accepted, and GET gives ${status}`);
        if (isFinished(body.status)) return body;
        if (Date.now() > limit)
          throw new Lost(`operation ${id} (${body.kind}) is ${body.status} after ${patienceMilliseconds / 1000} s`);
        await delay(pollMilliseconds);
      }
    },
  };
}

/** What fetch rejects with when nobody answers or the time is over; known by name, since it may come from another context. */
const isNoAnswer = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "name" in error &&
  (error.name === "TypeError" || error.name === "TimeoutError" || error.name === "AbortError");

/** An accepted operation is gone, or never comes to an end. */
export class Lost extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Lost";
  }
}
