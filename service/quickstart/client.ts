import { setTimeout as delay } from "node:timers/promises";
import type { Operation, ProblemDetails } from "../domain/operation.ts";

/** The service's own HTTP API, as any caller would use it. */
export interface Client {
  post(path: string, body: string | null, contentType: string): Promise<Operation>;
  get<Answer>(path: string): Promise<Answer>;
  /** A question that starts nothing. */
  ask<Answer>(path: string, question: object): Promise<Answer>;
  /** Asks until the operation has ended, telling each state in between. */
  follow(id: string, seen: (operation: Operation) => void): Promise<Operation>;
}

/** How often progress is asked for, in milliseconds. */
const pollInterval = 60;

/** An answer that was a refusal: the problem's sentence, and every field that it names. */
const refusal = (problem: ProblemDetails): Error =>
  new Error(
    [
      `${problem.code}: ${problem.detail}`,
      ...(problem.errors ?? []).map(({ pointer, message }) => `  ${pointer} ${message}`),
    ].join("\n"),
  );

export const createClient = (url: string, key: string, signal: AbortSignal): Client => {
  const call = async <Answer>(path: string, init: RequestInit, contentType?: string): Promise<Answer> => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(contentType === undefined ? {} : { "content-type": contentType }),
    };
    const answer = await fetch(`${url}${path}`, { ...init, headers, signal });
    const body: unknown = await answer.json();
    if (!answer.ok) throw refusal(body as ProblemDetails);
    return body as Answer;
  };
  const get = <Answer>(path: string): Promise<Answer> => call<Answer>(path, {});
  return {
    post: (path, body, contentType) =>
      call<Operation>(path, { method: "POST", body }, body === null ? undefined : contentType),
    get,
    ask: <Answer>(path: string, question: object): Promise<Answer> =>
      call<Answer>(path, { method: "POST", body: JSON.stringify(question) }, "application/json"),
    follow: async (id, seen) => {
      for (;;) {
        const operation = await get<Operation>(`/v1/operations/${id}`);
        seen(operation);
        if (operation.status !== "queued" && operation.status !== "running") return operation;
        await delay(pollInterval, undefined, { signal });
      }
    },
  };
};
