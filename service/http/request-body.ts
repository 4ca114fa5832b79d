import { isUtf8 } from "node:buffer";
import type { FieldError } from "../domain/parse.ts";
import { deepestNesting } from "../domain/text-safety.ts";
import { readJson } from "./json-text.ts";
import type { TextFault, TextResult } from "./json-text.ts";
import { readYaml } from "./yaml-text.ts";

type RequestBody =
  | { ok: true; value: unknown }
  | { ok: false; code: "unsupported_media_type" | "invalid_request"; detail: string; errors: FieldError[] };

type Language = "JSON" | "YAML";

const readers: Readonly<Record<Language, (text: string, deepest: number) => TextResult>> = {
  JSON: readJson,
  YAML: readYaml,
};

/** `application/yaml` is registered by RFC 9512; the other two were in use before it. */
const languages: readonly (readonly [RegExp, Language])[] = [
  [/^application\/(?:json|[^/;]+\+json)$/, "JSON"],
  [/^(?:application\/(?:yaml|x-yaml|[^/;]+\+yaml)|text\/yaml)$/, "YAML"],
];

const supported = "send the document as application/json or application/yaml, in UTF-8";

const refused = (
  code: "unsupported_media_type" | "invalid_request",
  detail: string,
  message?: string,
): RequestBody => ({
  ok: false,
  code,
  detail,
  errors: message === undefined ? [] : [{ pointer: "", message }],
});

const languageOf = (mediaType: string): Language | undefined =>
  languages.find(([pattern]) => pattern.test(mediaType))?.[1];

/** The `charset` parameter in lower case, or `null` when there is none. */
const charsetOf = (parameters: readonly string[]): string | null => {
  for (const parameter of parameters) {
    const [name, value = ""] = parameter.split("=", 2);
    if (name?.trim().toLowerCase() === "charset") return value.trim().replaceAll('"', "").toLowerCase();
  }
  return null;
};

/** The text of UTF-8 bytes, without a byte order mark; `null` when they are none. */
const decode = (body: Uint8Array): string | null => (isUtf8(body) ? new TextDecoder("utf-8").decode(body) : null);

/** Line and column of an offset, both from 1. */
const placeOf = (text: string, offset: number): string => {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
};

const syntaxError = (language: Language, text: string, { offset, reason }: TextFault): RequestBody => {
  const message = `${placeOf(text, offset)}: ${reason}`;
  return refused("invalid_request", `The body is not ${language} that can be read: ${message}.`, message);
};

/**
 * Reads the body of a request: JSON, or the part of YAML that says the same. Strict about what two readers could take
 * differently: bytes that are no UTF-8, keys given twice, aliases, tags, several documents. Says the first fault only, with
 * line and column, and never repeats the text. What the value must be is for `parseDocument` to say.
 */
export const parseRequestBody = (contentType: string | undefined, body: Uint8Array): RequestBody => {
  const [mediaType = "", ...parameters] = (contentType ?? "").split(";");
  const language = languageOf(mediaType.trim().toLowerCase());
  if (language === undefined) {
    return refused(
      "unsupported_media_type",
      `The content type is ${contentType ? "not served" : "missing"}: ${supported}.`,
    );
  }
  const charset = charsetOf(parameters);
  if (charset !== null && charset !== "utf-8" && charset !== "utf8") {
    return refused("unsupported_media_type", `The charset is not served: ${supported}.`);
  }
  if (body.byteLength === 0) {
    return refused("invalid_request", `The body is empty: ${supported}.`, "is required: the body is empty");
  }
  const text = decode(body);
  if (text === null) {
    return refused("invalid_request", `The body is not valid UTF-8: ${supported}.`, "must be valid UTF-8");
  }
  const result = readers[language](text, deepestNesting);
  return result.ok ? result : syntaxError(language, text, result.fault);
};
