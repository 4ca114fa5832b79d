import type { Dependencies } from "./dependencies.ts";

/**
 * Logs what went wrong in the background; while the database is away for debugging only: an outage has lines of its own, and
 * each operation under way would add to them every few seconds.
 */
export const logFailure = (
  { logger, isUnavailable }: Pick<Dependencies, "logger" | "isUnavailable">,
  level: "warn" | "error",
  fields: object,
  error: unknown,
  message: string,
): void => logger[isUnavailable(error) ? "debug" : level]({ ...fields, error }, message);
