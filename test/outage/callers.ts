/** Callers that ask for work all through an outage, and note every answer that they should not have got. */
import { setTimeout as delay } from "node:timers/promises";
import { isFinished, type Operation } from "../../service/domain/operation.ts";

export interface Load {
  /** Operations that were accepted with a 202, in order. */
  accepted: string[];
  /** Calls that were refused with 503. */
  refused: number;
  /** The slowest answer to anything, in milliseconds. */
  slowestMilliseconds: number;
  /** What should not have happened: sentences. */
  faults: string[];
  /** How many operations the callers have seen come to their end. */
  ended: number;
  /** Answers of the probes, counted. */
  probes: Record<string, number>;
}

export interface Callers {
  load: Load;
  /** Asks for no more work; resolves when every caller has seen the end of what it asked for. */
  stop: () => Promise<void>;
}

/** Whoever waits longer than that has a hanging call. */
const patienceMilliseconds = 15_000;
const pauseMilliseconds = 50;

interface Answer {
  status: number;
  retryAfter: string | null;
  text: string;
}

export function startCallers(options: { url: string; key: string; count: number; target: object }): Callers {
  const { url, key, count, target } = options;
  const load: Load = { accepted: [], refused: 0, slowestMilliseconds: 0, faults: [], ended: 0, probes: {} };
  const life = { stopping: false };

  const ask = async (method: string, path: string, body?: object, once?: string): Promise<Answer | null> => {
    const since = performance.now();
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(patienceMilliseconds),
        headers: {
          authorization: `Bearer ${key}`,
          ...(once === undefined ? {} : { "content-type": "application/json", "idempotency-key": once }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, retryAfter: answer.headers.get("retry-after"), text: await answer.text() };
    } catch (error) {
      load.faults.push(`${method} ${path} was not answered: ${String(error)}`);
      return null;
    } finally {
      load.slowestMilliseconds = Math.max(load.slowestMilliseconds, performance.now() - since);
    }
  };

  /** The answer that is no refusal for want of a database. */
  const askUntilAnswered = async (method: string, path: string, body?: object, once?: string): Promise<Answer> => {
    for (;;) {
      const answer = await ask(method, path, body, once);
      if (answer !== null && answer.status !== 503) return answer;
      if (answer !== null) {
        load.refused += 1;
        if (answer.retryAfter === null || !answer.text.includes('"unavailable"'))
          load.faults.push(`${method} ${path}: a 503 without Retry-After or code: ${answer.text}`);
      }
      await delay(pauseMilliseconds);
    }
  };

  const ended = async (id: string): Promise<Operation> => {
    for (;;) {
      const { status, text } = await askUntilAnswered("GET", `/v1/operations/${id}`);
      if (status !== 200) throw new Error(`operation ${id} was accepted, and GET gives ${status}`);
      const operation = JSON.parse(text) as Operation;
      if (isFinished(operation.status)) return operation;
      await delay(pauseMilliseconds);
    }
  };

  /** One environment, brought up again and again with another description. */
  const call = async (index: number): Promise<void> => {
    const name = `outage-${index}`;
    for (let round = 0; !life.stopping; round += 1) {
      const environment = {
        name,
        tag: { key: "project", value: name },
        targets: [target],
        permissionSet: { description: `round ${round}` },
      };
      const once = `${name}-${round}`;
      const { status, text } = await askUntilAnswered(
        "POST",
        "/v1/environment-requests",
        { action: "up", environment },
        once,
      );
      // What stays in doubt is looked at when everything is over.
      if (status === 409 && text.includes("recovery_required")) return;
      if (status !== 202) {
        load.faults.push(`POST gives ${status}: ${text}`);
        return;
      }
      const preview = JSON.parse(text) as Operation;
      load.accepted.push(preview.id);
      const { continuedBy } = await ended(preview.id);
      if (continuedBy !== null) await ended(continuedBy);
      load.ended += 1;
    }
  };

  const probe = async (path: string): Promise<void> => {
    while (!life.stopping) {
      const answer = await ask("GET", path);
      const seen = `${path} ${answer?.status ?? "nothing"}`;
      load.probes[seen] = (load.probes[seen] ?? 0) + 1;
      await delay(pauseMilliseconds);
    }
  };

  const all = [
    ...Array.from({ length: count }, (_, index) => call(index)),
    ...["/healthz", "/readyz", "/metrics"].map(probe),
  ];
  const settled = Promise.all(all);
  // Whoever waits for the end hears of it.
  settled.catch(() => undefined);
  return {
    load,
    stop: async () => {
      life.stopping = true;
      await settled;
    },
  };
}
