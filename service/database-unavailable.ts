import { errorCode } from "./error-code.ts";

/**
 * What says that the database is away or overwhelmed, rather than that a query is wrong: the network's codes, PostgreSQL's
 * classes 08 (connection), 53 (resources), 57P (shutdown) and 57014 (a statement over its time limit),
 * https://www.postgresql.org/docs/18/errcodes-appendix.html, and what `pg` says without a code.
 */
const codes =
  /^(?:ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|08...|53...|57014|57P0.)$/;
const messages =
  /Connection terminated|[Tt]imeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|^timeout expired$|LISTEN\/NOTIFY (?:connection ended|heartbeat)/;

/** Whether an error, or what caused it, means that the database does not answer. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (codes.test(errorCode(error) ?? "")) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return error instanceof Error && (messages.test(error.message) || isDatabaseUnavailable(error.cause));
}
