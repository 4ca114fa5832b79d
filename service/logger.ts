/** Log lines: JSON, one a line, without secrets. */
import pino, { type DestinationStream, type Logger } from "pino";

export type { Logger };

/** Where a key or password could stand, should somebody log the object that holds it. */
const secretPaths = [
  "authorization",
  "*.authorization",
  "headers.authorization",
  "*.headers.authorization",
  "adminKey",
  "*.adminKey",
  "databaseUrl",
  "*.databaseUrl",
  "key",
  "*.key",
];

/** Passwords in connection strings, which drivers repeat in their messages. */
const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/[^\s:@/]*):[^\s@]+@/g, "$1:[secret]@");

/** What Drizzle repeats of a failed query: its parameters may be anything that callers or programs gave. */
const withoutParameters = (text: string): string => text.replaceAll(/\nparams: [^]*?(?=\n {4}at |$)/g, "");

const withoutSecrets = (text: string): string => withoutPasswords(withoutParameters(text));

/** An error as it is logged: its own and its causes' names, messages and stacks, without what else drivers hang on them. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    name: error.name,
    message: withoutSecrets(error.message),
    stack: withoutSecrets(error.stack ?? ""),
    ...("code" in error ? { code: error.code } : {}),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}

/** Makes the service's logger; it writes to standard output unless told otherwise. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: "[secret]" },
      serializers: { error: errorFields, err: errorFields },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
