/**
 * Takes secrets out of what the CLI says. It quotes connection strings, settings and headers as they are, so everything that
 * looks like a secret goes, and everything that the caller knows to be one. Too much is masked rather than too little.
 */

const mask = "[secret]";

/** Shorter ones (`yes`, `10`) hide nothing and would tear every message apart. */
const shortestSecret = 4;

/** Longer texts are cut before they are looked at: no pattern may take long over what a crash wrote. */
const longestText = 64 * 1024;

/** A text as it stands, and as URLs, JSON and headers quote it. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  encodeURI(secret.toWellFormed()),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString("base64"),
];

/** User information of a connection string, apart and decoded: `user:password@`. */
const passwordsOf = (secret: string): string[] => {
  const [, written = ""] = /^[a-z][a-z0-9+.-]*:\/\/[^:@\s]*:(.*)@/is.exec(secret) ?? [];
  if (written === "") return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch (error) {
    // A percent sign that encodes nothing: then it is written as it is meant.
    if (error instanceof URIError) return [written];
    throw error;
  }
};

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const words =
  "(?:pass(?:word|phrase|wd)?|secret(?:[_-]?access)?(?:[_-]?key)?|(?:session|access|security|id)?[_-]?token|access[_-]?key(?:[_-]?id)?|api[_-]?key|activation[_-]?code|authorization)";
const camelWords = "(?:Pass(?:word|phrase)|Secret(?:AccessKey|Key)?|Token|AccessKey(?:Id)?|ApiKey|ActivationCode)";
const value = `(?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|[^\\s"'&]+)`;
const databases = "(?:postgres(?:ql)?|mysql|mssql|sqlserver|rediss?|amqps?|mongodb(?:\\+srv)?)";

/** Each with what stays of it. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // Connection strings, whole: an unquoted password may hold anything, also `@`, `/` and a space.
  [new RegExp(`\\b(${databases})://(?:[^\\n]*@)?[^\\s"'\`]*`, "gi"), `$1://${mask}`],
  // User information of any other URL.
  [/\b([a-z][a-z0-9+.-]*):\/\/[^\s"'`/?#]*:[^\s"'`]*@/gi, `$1://${mask}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
  [/\b(Bearer|Basic|token) +(?=[A-Za-z0-9._~+/=-]*\d)[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${mask}`],
  // AWS access key ids: "Understanding unique ID prefixes", IAM User Guide.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, mask],
  [/\bpul-[0-9a-f]{20,}\b/g, mask],
  [/\bxox[a-z]-[A-Za-z0-9-]{8,}/g, mask],
  [/\bgh[pousr]_[A-Za-z0-9]{16,}/g, mask],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, mask],
  // `password=x`, `AWS_SECRET_ACCESS_KEY=x`, `X-Amz-Signature=x`, `password='a b'`.
  [new RegExp(`((?:${words}|signature|credentials?)\\s*=\\s*)${value}`, "gi"), `$1${mask}`],
  // `"adminPassword": "x"`.
  [new RegExp(`(${words}["']\\s*:\\s*)${value}`, "gi"), `$1${mask}`],
  // `passphrase: x`, `db_password: x`; not AWS's `ExpiredToken: The …`, which is a code.
  [new RegExp(`((?<![A-Za-z0-9])${words}:\\s*)${value}`, "gi"), `$1${mask}`],
  [new RegExp(`(\\b[a-z][A-Za-z0-9]*${camelWords}\\s*:\\s*)${value}`, "g"), `$1${mask}`],
  // What has the length and the mixture of an AWS secret key, or is longer than any name.
  [
    /(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*\d)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])/g,
    mask,
  ],
  [/(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*\d)[A-Za-z0-9+/]{80,}={0,2}/g, mask],
];

/** Secrets in every form in which a message may quote them: passwords of connection strings apart, and as URLs and JSON have them. */
export const quotedForms = (secrets: readonly string[]): string[] => [
  ...new Set(secrets.flatMap((secret) => [secret, ...passwordsOf(secret)]).flatMap(formsOf)),
];

/**
 * A function that masks secrets in a text.
 *
 * @param secrets what the caller knows to be secret: connection strings, passphrases, tokens, keys
 */
export const createRedaction = (secrets: readonly string[]): ((text: string) => string) => {
  const known = quotedForms(secrets)
    .filter((form) => form.length >= shortestSecret)
    // One pass, the longest first: a shorter one may be part of a longer one.
    .sort((left, right) => right.length - left.length);
  const literal = known.length === 0 ? null : new RegExp(known.map(literally).join("|"), "g");
  return (text) => {
    const told = text.slice(0, longestText);
    const unnamed = literal === null ? told : told.replaceAll(literal, mask);
    return shapes.reduce((masked, [shape, kept]) => masked.replaceAll(shape, kept), unnamed);
  };
};
