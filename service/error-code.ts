/**
 * Code of an error that the system or a driver raised, such as `ENOENT` or `57P01`; null where there is none. It looks at
 * the shape, since errors of Node's own fail `instanceof Error` where a program runs in a context of its own.
 */
export const errorCode = (error: unknown): string | null =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : null;

/** For `catch`: what to go on with where there is no such file; any other error stays one. */
export const ifAbsent =
  <Value>(otherwise: Value) =>
  (error: unknown): Value => {
    if (errorCode(error) === "ENOENT") return otherwise;
    throw error;
  };
