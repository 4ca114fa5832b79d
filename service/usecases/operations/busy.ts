/** AWS refused a run because it was asked too much, or was still busy with the same thing: the same run goes through later. */
import type { RunResult } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";

/** How often an operation is run again for that; about four minutes of pauses in all. */
export const mostThrottled = 7;

/** Longest pause, in seconds, before jitter. */
const longestPause = 60;

/** As AWS's errors are quoted by both engines: the code, a colon, the message. */
const busyCodes =
  /\b(?:Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|ConflictException): /;

/** Identity Center says ConflictException for what does not pass by itself, too; only the words differ. */
const lasts = /exists|is assigned|duplicate/i;

/** Whether nothing but time is needed: AWS was busy, and the stack's state is true. */
export const wasBusy = ({ outcome, problem, pending }: Pick<RunResult, "outcome" | "problem" | "pending">): boolean => {
  if (outcome !== "failed" || problem === null || pending.length > 0) return false;
  if (problem.failure !== undefined) return problem.failure === "throttled" || problem.failure === "conflict";
  if (problem.code === "throttled") return true;
  return busyCodes.test(problem.detail) && !lasts.test(problem.detail);
};

/**
 * Seconds until it is run again: 2, 4, 8 … 60, and of that a random half to the whole, so that runs that were refused together
 * do not come back together.
 *
 * @param random from 0 up to 1
 */
export const pauseWhenBusy = ({ throttled }: Pick<OperationRow, "throttled">, random: number): number =>
  Math.min(longestPause, 2 ** (throttled + 1)) * (0.5 + random / 2);

/** What an operation's events say of it. */
export const busyMessage = (
  { throttled }: Pick<OperationRow, "throttled">,
  { problem }: Pick<RunResult, "problem">,
  seconds: number,
): string =>
  `AWS was busy (${problem?.detail ?? "it did not say with what"}). Nothing is in doubt; the operation goes on by itself in ${Math.ceil(seconds)} s (${throttled + 1} of at most ${mostThrottled} times).`;
