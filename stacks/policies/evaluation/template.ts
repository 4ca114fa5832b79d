import { type RequestContext, valuesOf } from "./context.ts";
import { anyOne, anyRun, charactersOf, type Token } from "./glob.ts";
import { type Compiled, refuse } from "./problem.ts";

/**
 * Policy strings with their wildcards and variables. Source: IAM User Guide, "IAM policy elements: Variables and tags".
 *
 * - `${key}` is the request's single value of the key; `${key, 'text'}` has a default for when the key is absent
 * - `${*}`, `${?}` and `${$}` are those characters, not wildcards
 * - a policy of version 2008-10-17 has no variables: `${` is text there
 */
export type Version = "2008-10-17" | "2012-10-17";

type Part = { tokens: Token[] } | { key: string; fallback: string[] | null };

/** A policy string, parsed once. */
export type Template = readonly Part[];

/** `"no value"`: a variable is null, and nothing equals or resembles null. `"unknown"`: nobody can tell its value. */
export type Resolved = Token[] | "no value" | "unknown";

const wildcardTokens: Readonly<Record<string, Token>> = { "*": anyRun, "?": anyOne };

const plain = (text: string, wildcards: boolean): Part => ({
  tokens: charactersOf(text).map((character) => (wildcards ? (wildcardTokens[character] ?? character) : character)),
});

/**
 * A key has a prefix (of a web identity provider, its host name: `www.amazon.com:user_id`) and a name; tag keys hold letters,
 * digits, spaces and `_.:/=+-@`.
 */
const variable = /^([A-Za-z0-9._/-]+:[^\s,'{}$*?](?:[^,'{}$*?]*[^\s,'{}$*?])?)(?:, ?'([^'{}$]*)')?$/u;

const parseVariable = (content: string): Part | null => {
  if (content === "*" || content === "?" || content === "$") return { tokens: [content] };
  const [, key, fallback] = variable.exec(content) ?? [];
  if (key === undefined) return null;
  return { key: key.toLowerCase(), fallback: fallback === undefined ? null : charactersOf(fallback) };
};

/** With `wildcards`, `*` and `?` outside variables are wildcards; else they are characters. */
export const parseTemplate = (text: string, version: Version, wildcards: boolean): Compiled<Template> => {
  if (version === "2008-10-17") return { value: [plain(text, wildcards)] };
  const parts: Part[] = [];
  for (const [index, piece] of text.split("${").entries()) {
    if (index === 0) {
      parts.push(plain(piece, wildcards));
      continue;
    }
    const end = piece.indexOf("}");
    const part = end === -1 ? null : parseVariable(piece.slice(0, end));
    if (part === null) {
      return refuse(
        "unknown_variable",
        "must have variables as ${key} or ${key, 'default'}, and ${$}, ${*} or ${?} for those characters",
      );
    }
    parts.push(part, plain(piece.slice(end + 1), wildcards));
  }
  return { value: parts };
};

/** Whether a variable other than a quoted character stands in it. */
export const hasVariables = (template: Template): boolean => template.some((part) => "key" in part);

/** The tokens for this request. A multivalued key has no value as a variable: IAM does not take it as one. */
export const resolve = (template: Template, context: RequestContext): Resolved => {
  const tokens: Token[] = [];
  let undecided: "no value" | "unknown" | null = null;
  for (const part of template) {
    if ("tokens" in part) {
      tokens.push(...part.tokens);
      continue;
    }
    const values = valuesOf(context, part.key);
    const value = values?.length === 1 ? charactersOf(values.join("")) : null;
    const found = value ?? (values?.length === 0 ? part.fallback : null);
    if (found !== null) tokens.push(...found);
    else if (values !== null) return "no value";
    else undecided = "unknown";
  }
  return undecided ?? tokens;
};

/** Calls back with the tokens, once for all requests when they hold no variable. Nothing resembles a null variable. */
export const resolving = (
  template: Template,
  test: (tokens: Token[]) => (value: string) => boolean,
): ((value: string, context: RequestContext) => boolean | null) => {
  const compile = (context: RequestContext) => {
    const tokens = resolve(template, context);
    if (tokens === "unknown") return () => null;
    return tokens === "no value" ? () => false : test(tokens);
  };
  if (hasVariables(template)) return (value, context) => compile(context)(value);
  const fixed = compile({ values: new Map(), isUnknown: () => false });
  return (value) => fixed(value);
};
