/** What a caller may send as `X-Request-Id`: short, and harmless in logs and headers. */
const acceptable = /^[\w.:-]{1,128}$/;

/** The caller's request id where it is acceptable, else a new one. */
export const requestIdOf = (given: string | undefined, newRequestId: () => string): string =>
  given !== undefined && acceptable.test(given) ? given : newRequestId();
