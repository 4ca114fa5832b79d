/** Functions (data sources) of the AWS provider that the programs call, each answered with one query at most. */
import type { Json, JsonObject } from "../../domain/json.ts";
import { AwsError } from "../provider.ts";
import type { Scope } from "../provider.ts";
import { dnsSuffixOf, partitionOf } from "./identifiers.ts";
import { identityCenterInstance } from "./identity-center-instance.ts";
import { objectAt, text } from "./resource-type.ts";
import type { Lookup, Row } from "./resource-type.ts";
import { find } from "./simulated-account.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { groupToken, userToken } from "./types/identity-store.ts";

interface Question {
  inputs: JsonObject;
  scope: Scope;
  account: SimulatedAccount;
}

interface CloudFunction {
  lookup: (question: Question) => Lookup | null;
  answer: (rows: Row[], question: Question) => JsonObject;
}

/** Whether the call comes from the account and region of Identity Center; from others it shows nothing. */
const atHome = ({ scope, account }: Question): boolean =>
  scope.account === account.identityCenter.account && scope.region === account.identityCenter.region;

const notFound = (kind: string, inputs: JsonObject): AwsError =>
  new AwsError("ResourceNotFoundException", `${kind} not found: ${JSON.stringify(inputs)}`);

/** Looks a group or a person up by id, or by an attribute that is unique to them. */
const inIdentityStore = (
  type: string,
  kind: "GROUP" | "USER",
  idKey: string,
  attributes: Record<string, (outputs: JsonObject) => string>,
  answer: (outputs: JsonObject) => JsonObject,
): CloudFunction => {
  const unique = (inputs: JsonObject) => objectAt(objectAt(inputs, "alternateIdentifier"), "uniqueAttribute");
  const wanted = (inputs: JsonObject): ((outputs: JsonObject) => boolean) => {
    const id = text(inputs, idKey);
    if (id !== "") return (outputs) => outputs[idKey] === id;
    const attribute = attributes[text(unique(inputs), "attributePath")];
    const value = text(unique(inputs), "attributeValue").toLowerCase();
    if (attribute !== undefined && value !== "") return (outputs) => attribute(outputs).toLowerCase() === value;
    throw new AwsError(
      "ValidationException",
      `Give ${idKey}, or alternateIdentifier.uniqueAttribute with attributePath ${Object.keys(attributes).join(" or ")} and attributeValue`,
    );
  };
  return {
    lookup: (question) => (atHome(question) ? { type } : null),
    answer: (rows, { inputs, account }) => {
      const { identityStoreId } = identityCenterInstance(account.identityCenter);
      const fits = wanted(inputs);
      const row = rows.find(({ outputs }) => fits(outputs));
      if (row === undefined || text(inputs, "identityStoreId") !== identityStoreId) throw notFound(kind, inputs);
      return { ...inputs, id: text(row.outputs, idKey), [idKey]: text(row.outputs, idKey), ...answer(row.outputs) };
    },
  };
};

const listOf = (value: Json | undefined): Json[] => (value === undefined || value === null ? [] : [value].flat());

const functions: Record<string, CloudFunction> = {
  "aws:ssoadmin/getInstances:getInstances": {
    lookup: () => null,
    answer: (_rows, question) => {
      const instance = identityCenterInstance(question.account.identityCenter);
      const found = atHome(question);
      return {
        arns: found ? [instance.instanceArn] : [],
        identityStoreIds: found ? [instance.identityStoreId] : [],
        id: question.scope.region,
        region: question.scope.region,
      };
    },
  },
  "aws:identitystore/getGroup:getGroup": inIdentityStore(
    groupToken,
    "GROUP",
    "groupId",
    { DisplayName: (outputs) => text(outputs, "displayName") },
    (outputs) => ({
      displayName: text(outputs, "displayName"),
      description: text(outputs, "description"),
      externalIds: [],
      region: text(outputs, "region"),
    }),
  ),
  "aws:identitystore/getUser:getUser": inIdentityStore(
    userToken,
    "USER",
    "userId",
    {
      UserName: (outputs) => text(outputs, "userName"),
      "emails.value": (outputs) => text(objectAt(outputs, "emails"), "value"),
    },
    (outputs) => ({
      userName: text(outputs, "userName"),
      displayName: text(outputs, "displayName"),
      names: listOf(outputs["name"]),
      emails: listOf(outputs["emails"]),
      addresses: listOf(outputs["addresses"]),
      phoneNumbers: listOf(outputs["phoneNumbers"]),
      externalIds: [],
      ...Object.fromEntries(
        ["locale", "nickname", "preferredLanguage", "profileUrl", "timezone", "title", "userType"].map((key) => [
          key,
          text(outputs, key),
        ]),
      ),
      userStatus: text(outputs, "userStatus"),
      region: text(outputs, "region"),
    }),
  ),
  "aws:index/getCallerIdentity:getCallerIdentity": {
    lookup: () => null,
    answer: (_rows, { scope }) => ({
      accountId: scope.account,
      arn: `arn:${partitionOf(scope.region)}:sts::${scope.account}:assumed-role/simulated/gatehouse`,
      userId: "AROASIMULATEDACCOUNT0:gatehouse",
      id: scope.account,
    }),
  },
  "aws:index/getPartition:getPartition": {
    lookup: () => null,
    answer: (_rows, { scope }) => ({
      partition: partitionOf(scope.region),
      id: partitionOf(scope.region),
      dnsSuffix: dnsSuffixOf(scope.region),
      reverseDnsPrefix: dnsSuffixOf(scope.region).split(".").reverse().join("."),
    }),
  },
};

/** Tokens of the functions that the simulated account answers. */
export const functionTokens: readonly string[] = Object.keys(functions);

/** @throws AwsError what AWS answers; `UnsupportedFunction` for a function that is not simulated. */
export const answerFunction = async (
  account: SimulatedAccount,
  token: string,
  inputs: JsonObject,
  scope: Scope,
): Promise<JsonObject> => {
  const known = functions[token];
  if (known === undefined) {
    throw new AwsError(
      "UnsupportedFunction",
      `The simulated AWS account does not answer ${token}; it answers ${functionTokens.join(", ")}`,
    );
  }
  const question = { inputs, scope, account };
  const [rows = []] = await find(account, account.pool, scope, [known.lookup(question)]);
  return known.answer(rows, question);
};
