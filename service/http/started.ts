/** Answers to calls that start work. */
import { operation, type Operation } from "../domain/operation.ts";
import type { UseCases } from "../usecases/usecases.ts";
import type { Answer } from "./route.ts";

export const operationAnswer = (description: string) => ({ description, schema: operation });
export const startAnswers = {
  200: operationAnswer("With `Prefer: wait`: the operation has ended, or waits for people."),
  202: operationAnswer("The operation as it stands. `Location` is where to look again."),
};

interface Waiting {
  useCases: UseCases;
  wait: number | null;
  signal: AbortSignal;
}

/** The answer to a call that started work: at once, or after what `Prefer: wait` asked for. */
export async function started(
  operation: Operation,
  { useCases, wait, signal }: Waiting,
  follow: boolean,
): Promise<Answer> {
  const { operation: shown, done } =
    wait === null ? { operation, done: false } : await useCases.waitFor(operation, { seconds: wait, follow, signal });
  // Of the operation that the call started, however long it waits and how often it comes.
  const headers = { Location: `/v1/operations/${operation.id}` };
  return { status: done ? 200 : 202, headers, body: shown, operation: operation.id };
}
