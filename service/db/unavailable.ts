import { errorCode } from "../error-code.ts";

/**
 * What says that the database is away, rather than that a query is wrong: the network's codes, PostgreSQL's classes 08
 * (connection), 53 (resources) and 57P (shutdown), https://www.postgresql.org/docs/18/errcodes-appendix.html, and what `pg` says
 * without a code.
 */
const codes = /^(?:ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN|08...|53...|57P0.)$/;
const messages =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** Whether an error, or what caused it, means that the database does not answer. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (codes.test(errorCode(error) ?? "")) return true;
  return error instanceof Error && (messages.test(error.message) || isDatabaseUnavailable(error.cause));
}
