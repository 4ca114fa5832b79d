import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Document, Node, YAMLError } from "yaml";
import type { TextFault, TextResult } from "./json-text.ts";

/**
 * Reads the part of YAML 1.2 that says what JSON says. Anchors, aliases, tags, merge keys, directives and several documents
 * are refused: they make a text mean something else than it shows, or grow when it is read.
 */

/** Our words for the parser's codes; its own messages repeat the text. Source: the `yaml` library, `ErrorCode`. */
const reasons: Readonly<Record<string, string>> = {
  ALIAS_PROPS: "aliases and anchors are not taken: write the value out",
  BAD_ALIAS: "aliases and anchors are not taken: write the value out",
  BAD_INDENT: "the indentation does not fit, or a bracket is not closed",
  BLOCK_AS_IMPLICIT_KEY: "a colon too many: put a text that holds one in quotes",
  BLOCK_IN_FLOW: "a block stands inside brackets",
  MISSING_CHAR: "a character is missing, such as a closing quote, a comma or a space",
  MULTIPLE_ANCHORS: "aliases and anchors are not taken: write the value out",
  MULTIPLE_TAGS: "tags are not taken",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line, with a colon and a space after it",
  RESOURCE_EXHAUSTION: "nested too deeply",
  TAB_AS_INDENT: "tabs cannot indent: use spaces",
  TAG_RESOLVE_FAILED: "tags are not taken",
  UNEXPECTED_TOKEN: "something stands here that YAML does not take in this place",
};

/** A fault met while the tree is walked. */
class YamlFault extends Error {
  readonly offset: number;
  constructor(node: Node | null, reason: string) {
    super(reason);
    this.offset = node?.range?.[0] ?? 0;
  }
}

const refuseExtras = (node: Node): void => {
  if (isAlias(node) || node.anchor !== undefined) {
    throw new YamlFault(node, "aliases and anchors are not taken: write the value out");
  }
  if (node.tag !== undefined) throw new YamlFault(node, "tags are not taken");
};

const readKey = (key: unknown, seen: Set<string>): string => {
  if (!isNode(key)) throw new YamlFault(null, "a key is missing");
  refuseExtras(key);
  if (!isScalar(key) || typeof key.value !== "string") {
    throw new YamlFault(key, "a key must be text: put numbers, dates and truth values in quotes");
  }
  if (key.value === "<<" && key.type === "PLAIN")
    throw new YamlFault(key, "merge keys are not taken: write the fields out");
  if (seen.has(key.value)) throw new YamlFault(key, "the same key stands twice in one object");
  seen.add(key.value);
  return key.value;
};

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);

const readNode = (node: unknown, room: number): unknown => {
  if (node === null || node === undefined) return null;
  if (!isNode(node)) throw new YamlFault(null, "something stands here that JSON cannot say");
  refuseExtras(node);
  if (isScalar(node)) {
    if (typeof node.value === "number" && !Number.isFinite(node.value)) {
      throw new YamlFault(node, "a number must be finite");
    }
    return node.value;
  }
  if (room === 0) throw new YamlFault(node, "nested too deeply");
  if (isSeq(node)) return node.items.map((item) => readNode(item, room - 1));
  if (!isMap(node)) throw new YamlFault(node, "something stands here that JSON cannot say");
  const seen = new Set<string>();
  // fromEntries makes own properties of every key, `__proto__` included.
  return Object.fromEntries(node.items.map((pair) => [readKey(pair.key, seen), readNode(pair.value, room - 1)]));
};

const parserFault = (error: YAMLError): TextFault => ({
  offset: error.pos[0],
  reason: reasons[error.code] ?? "this is not valid YAML",
});

const documentFault = (documents: readonly Document[]): TextFault | null => {
  const [first, second] = documents;
  if (first === undefined) return { offset: 0, reason: "the text holds no document" };
  const error = documents.flatMap((document) => document.errors)[0];
  if (error !== undefined) return parserFault(error);
  if (second !== undefined) {
    return { offset: second.range?.[0] ?? 0, reason: "only one document is taken: leave out what follows ---" };
  }
  return first.directives?.yaml.explicit === true && first.directives.yaml.version !== "1.2"
    ? { offset: 0, reason: "only YAML 1.2 is taken: leave out the %YAML directive" }
    : null;
};

/** The value of a YAML text, or its first fault. */
export const readYaml = (text: string, deepest: number): TextResult => {
  // Keys given twice are looked for above: the parser compares each key with every other.
  const parsed = parseAllDocuments(text, {
    version: "1.2",
    schema: "core",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = "empty" in parsed ? [] : parsed;
  const fault = documentFault(documents);
  if (fault !== null) return { ok: false, fault };
  try {
    return { ok: true, value: readNode(documents[0]?.contents, deepest) };
  } catch (error) {
    if (error instanceof YamlFault) return { ok: false, fault: { offset: error.offset, reason: error.message } };
    throw error;
  }
};
