import { noPreconditions, type Preconditions } from "../domain/preconditions.ts";

/** What a caller says beside the document of a call that starts work: with HTTP, in headers. */
export interface StartConditions {
  /** So that the call, sent twice, starts work once; `null`: each call is its own. */
  once: OnceOnly | null;
  /** What the stack must be like. */
  preconditions: Preconditions;
  /** By which logs know the call; it is kept on what the call starts. `null`: the call has none. */
  requestId: string | null;
}

/** By what a call is known when it comes again. */
export interface OnceOnly {
  /** The caller's `Idempotency-Key`: 1 to 255 characters of printable ASCII. */
  key: string;
  /** What the key stands for, as `callDigest` gives it; the same key for something else is refused. */
  call: string;
}

/** Each call is its own, and the stack may be as it is. */
export const unconditional: StartConditions = { once: null, preconditions: noPreconditions, requestId: null };
