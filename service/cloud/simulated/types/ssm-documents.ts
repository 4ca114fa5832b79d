/** Systems Manager documents, session preferences among them. */
import { createHash } from "node:crypto";
import { isObject, type JsonObject } from "../../../domain/json.ts";
import { unknown } from "../../provider.ts";
import { seconds } from "../identifiers.ts";
import { allTags, mustBeFree, objectAt, text } from "../resource-type.ts";
import type { Call, ResourceType } from "../resource-type.ts";
import { all, object, oneOf, parsedObject, tags, textOf } from "../rules.ts";

export const documentToken = "aws:ssm/document:Document";

/**
 * Whole minutes within bounds, written as text; empty means not set. The API's pattern for long sessions misses the last
 * two thirds of each hundred from 1000 to 1399.
 */
const minutes = (maximum: number) => (value: string) =>
  value === "" ||
  (/^[1-9]\d{0,3}$/.test(value) && !/^1[0-3][4-9]\d$/.test(value) && Number(value) >= 1 && Number(value) <= maximum);

/**
 * Inputs of a session document that hold more than any text, with what each must be ("Session document schema" in the
 * Systems Manager User Guide).
 */
const sessionFlags = [
  "s3EncryptionEnabled",
  "cloudWatchEncryptionEnabled",
  "cloudWatchStreamingEnabled",
  "runAsEnabled",
];
const sessionTimes: Record<string, (value: string) => boolean> = {
  idleSessionTimeout: minutes(60),
  maxSessionDuration: minutes(1440),
};
const sessionTexts = ["s3BucketName", "s3KeyPrefix", "cloudWatchLogGroupName", "kmsKeyId", "runAsDefaultUser"];
const sessionInputs = new Set([...sessionFlags, ...Object.keys(sessionTimes), ...sessionTexts, "shellProfile"]);

/** What is wrong with the inputs of a shell session's document. */
const sessionInputProblem = (inputs: JsonObject): string | null => {
  const strange = Object.keys(inputs).find((key) => !sessionInputs.has(key));
  if (strange !== undefined) return `has the session input ${strange}, which Session Manager does not know`;
  const flag = sessionFlags.find((key) => typeof inputs[key] !== "boolean");
  if (flag !== undefined) return `must have the session input ${flag} as true or false`;
  for (const [key, fits] of Object.entries(sessionTimes)) {
    const value = inputs[key] ?? "";
    if (typeof value !== "string" || !fits(value)) return `must have ${key} as minutes in a text, within AWS's bounds`;
  }
  const wrong = sessionTexts.find((key) => inputs[key] !== undefined && typeof inputs[key] !== "string");
  return wrong === undefined ? null : `must have the session input ${wrong} as a text`;
};

const sessionProblem = (content: JsonObject): string | null => {
  if (content["schemaVersion"] !== "1.0") return 'must have the schemaVersion "1.0": session documents know no other';
  const kinds = ["Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port"];
  if (!kinds.includes(text(content, "sessionType"))) return `must have one of ${kinds.join(", ")} as sessionType`;
  if (content["sessionType"] !== "Standard_Stream") return null;
  return isObject(content["inputs"]) ? sessionInputProblem(content["inputs"]) : "must have inputs";
};

const contentProblem = (inputs: JsonObject): string | null => {
  const content = text(inputs, "content");
  if (content === "" || content === unknown || (text(inputs, "documentFormat") || "JSON") !== "JSON") return null;
  const parsed = parsedObject(content);
  if (parsed === null) return "must be a JSON object, written as text";
  return inputs["documentType"] === "Session" ? sessionProblem(parsed) : null;
};

/** What AWS reads off the content. */
const fromContent = (call: Call): JsonObject => {
  const content = parsedObject(text(call.inputs, "content")) ?? {};
  return {
    description: text(content, "description"),
    schemaVersion: text(content, "schemaVersion"),
    hash: createHash("sha256").update(text(call.inputs, "content")).digest("hex"),
    parameters: Object.entries(objectAt(content, "parameters")).map(([name, parameter]) => ({
      name,
      type: isObject(parameter) ? text(parameter, "type") : "",
      description: isObject(parameter) ? text(parameter, "description") : "",
      defaultValue: isObject(parameter) ? text(parameter, "default") : "",
    })),
  };
};

const versions = (version: string): JsonObject => ({
  defaultVersion: version,
  documentVersion: version,
  latestVersion: version,
});

export const document: ResourceType = {
  token: documentToken,
  scope: "regional",
  source: "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssm_document",
  invalid: "ValidationException",
  properties: {
    name: {
      required: true,
      replaces: true,
      rule: all(
        textOf(3, 128, { matches: /^[a-zA-Z0-9_\-.]+$/, allows: "letters, digits and _ - . only" }),
        textOf(3, 128, {
          matches: /^(?!aws|amazon|amzn)/i,
          allows: "a name that does not begin with aws, amazon or amzn, which AWS keeps for itself",
        }),
      ),
    },
    content: { required: true, compare: "json", rule: textOf(1, 65_536) },
    // UpdateDocument takes no type, so another type is another document.
    documentType: {
      required: true,
      replaces: true,
      rule: oneOf("Session", "Command", "Automation", "Policy", "Package", "ChangeCalendar"),
    },
    documentFormat: { default: "JSON", rule: oneOf("JSON", "YAML", "TEXT") },
    targetType: { rule: textOf(1, 200, { matches: /^\/[\w.\-:/]*$/, allows: "a resource type that begins with /" }) },
    versionName: { rule: textOf(3, 128, { matches: /^[a-zA-Z0-9_\-.]+$/, allows: "letters, digits and _ - . only" }) },
    permissions: { rule: object },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the document",
    createdDate: "RFC 3339",
    description: "the content's",
    schemaVersion: "the content's",
    parameters: "the content's",
    hash: "SHA-256 of the content",
    hashType: "`Sha256`",
    defaultVersion: "rises with each new content, as do the next two",
    documentVersion: "the newest",
    latestVersion: "the newest",
    owner: "the account",
    platformTypes: "Windows, Linux and MacOS",
    status: "`Active`",
    tagsAll: "the tags",
  },
  checkTogether: (inputs) => {
    const reason = contentProblem(inputs);
    return reason === null ? [] : [{ property: "content", reason }];
  },
  outputs: (call) => ({
    arn: `arn:${call.partition}:ssm:${call.region}:${call.account}:document/${text(call.inputs, "name")}`,
    createdDate: seconds(call.now),
    hashType: "Sha256",
    owner: call.account,
    platformTypes: ["Windows", "Linux", "MacOS"],
    status: "Active",
    ...versions("1"),
    ...fromContent(call),
    ...allTags(call),
  }),
  updated: (call) => {
    const old = call.old?.outputs ?? {};
    const content = fromContent(call);
    const version =
      content["hash"] === old["hash"] ? text(old, "latestVersion") : String(Number(old["latestVersion"]) + 1);
    return { ...content, ...versions(version), ...allTags(call) };
  },
  id: (outputs) => text(outputs, "name"),
  conditions: (call) =>
    call.verb === "delete"
      ? []
      : [
          mustBeFree(
            { type: documentToken, id: text(call.inputs, "name") },
            "DocumentAlreadyExists",
            `Document with name ${text(call.inputs, "name")} already exists.`,
            call.old,
          ),
        ],
};
