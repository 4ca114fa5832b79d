/**
 * Code of an error that the system or a driver raised, such as `ENOENT` or `57P01`; null where there is none. It looks at
 * the shape, since errors of Node's own fail `instanceof Error` where a program runs in a context of its own.
 */
export const errorCode = (error: unknown): string | null =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : null;
