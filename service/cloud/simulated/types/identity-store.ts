/** The identity store: groups, people and who is in which group. */
import { isObject, type Json, type JsonObject } from "../../../domain/json.ts";
import { uuid } from "../identifiers.ts";
import { lookAt, mustBeFree, mustExist, mustHold, objectAt, text } from "../resource-type.ts";
import type { Call, Condition, Lookup, Property, ResourceType } from "../resource-type.ts";
import { object, textOf } from "../rules.ts";

export const groupToken = "aws:identitystore/group:Group";
export const userToken = "aws:identitystore/user:User";
export const membershipToken = "aws:identitystore/groupMembership:GroupMembership";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";

// API_CreateGroup and API_CreateUser of the Identity Store API: any letters, marks, symbols, numbers, punctuation, spaces.
const printable = {
  matches: /^[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \u00a0\u3000]+$/u,
  allows: "letters, digits, punctuation and spaces",
};
const name = (maximum: number) => textOf(1, maximum, printable);
const optionalName: Property = { rule: name(1024) };
const identityStoreId: Property = {
  required: true,
  replaces: true,
  rule: textOf(1, 36, {
    matches: /^d-[0-9a-f]{10}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    allows: "an identity store id such as d-0123456789",
  }),
};

/** The identity store must be the one of the instance, in its own account and region. */
const ofStore = (call: Call): Condition => {
  const store = text(call.inputs, "identityStoreId");
  const own = call.identityCenter.identityStoreId;
  return mustHold(store === own, "ResourceNotFoundException", `IdentityStore not found: ${store}`);
};

const inStore = (idOutput: string) => (outputs: JsonObject) =>
  `${text(outputs, "identityStoreId")}/${text(outputs, idOutput)}`;

/** Memberships that name a group or a person. */
const membershipsOf = (where: JsonObject): Lookup => ({ type: membershipToken, where });

export const group: ResourceType = {
  token: groupToken,
  scope: "identity-center",
  source: `${pages}/identitystore_group`,
  invalid: "ValidationException",
  properties: {
    identityStoreId,
    displayName: { required: true, rule: name(1024) },
    description: optionalName,
  },
  computed: { arn: "ARN of the group", groupId: "id within the identity store", externalIds: "none: made here" },
  outputs: (call) => {
    const groupId = uuid(call.hex(32));
    return { arn: `arn:${call.partition}:identitystore:::group/${groupId}`, groupId, externalIds: [] };
  },
  id: inStore("groupId"),
  conditions: (call) =>
    call.verb === "delete"
      ? [lookAt(membershipsOf({ groupId: text(call.old?.outputs ?? {}, "groupId") }))]
      : [
          ofStore(call),
          mustBeFree(
            { type: groupToken, where: { displayName: text(call.inputs, "displayName") } },
            "ConflictException",
            `Duplicate GroupDisplayName: a group named ${text(call.inputs, "displayName")} exists already`,
            call.old,
          ),
        ],
  // Identity Center deletes a group with members in it; the memberships go with it.
  effects: (call, rows) => (call.verb === "delete" ? { remove: rows.flat() } : {}),
};

/** Emails of a user: the provider takes one. Ours are an object or a list of one, as Pulumi flattens it. */
const emails = (value: Json): string | null => {
  const entries = Array.isArray(value) ? value : [value];
  if (entries.length !== 1) return "must hold exactly one email";
  const [entry] = entries;
  if (!isObject(entry)) return "must be an object with a value";
  return name(1024)(entry["value"] ?? null) === null ? null : "must have a value of 1 to 1024 characters";
};

const personName = (value: Json): string | null => {
  if (!isObject(value)) return "must be an object with givenName and familyName";
  for (const part of ["givenName", "familyName"]) {
    const reason = name(1024)(value[part] ?? null);
    if (reason !== null) return `${part} ${reason}`;
  }
  return null;
};

export const user: ResourceType = {
  token: userToken,
  scope: "identity-center",
  source: `${pages}/identitystore_user`,
  invalid: "ValidationException",
  properties: {
    identityStoreId,
    userName: {
      required: true,
      replaces: true,
      rule: textOf(1, 128, {
        matches: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u,
        allows: "letters, digits and punctuation without spaces",
      }),
    },
    displayName: { required: true, rule: name(1024) },
    name: { required: true, rule: personName },
    emails: { rule: emails },
    addresses: { rule: object },
    phoneNumbers: { rule: object },
    locale: optionalName,
    nickname: optionalName,
    preferredLanguage: optionalName,
    profileUrl: optionalName,
    timezone: optionalName,
    title: optionalName,
    userType: optionalName,
  },
  computed: { userId: "id within the identity store", userStatus: "`ENABLED`", externalIds: "none: made here" },
  outputs: (call) => ({ userId: uuid(call.hex(32)), userStatus: "ENABLED", externalIds: [] }),
  id: inStore("userId"),
  conditions: (call) => {
    if (call.verb === "delete") return [lookAt(membershipsOf({ memberId: text(call.old?.outputs ?? {}, "userId") }))];
    const email = text(objectAt(call.inputs, "emails"), "value");
    return [
      ofStore(call),
      {
        lookup: { type: userToken },
        refuse: (rows) => {
          const others = rows.filter((row) => row.id !== call.old?.id);
          const same = (key: string) =>
            others.some((row) => text(row.outputs, key).toLowerCase() === text(call.inputs, key).toLowerCase());
          if (same("userName"))
            return {
              code: "ConflictException",
              message: `Duplicate UserName: ${text(call.inputs, "userName")} exists already`,
            };
          const sameEmail =
            email !== "" &&
            others.some((row) => text(objectAt(row.outputs, "emails"), "value").toLowerCase() === email.toLowerCase());
          return sameEmail
            ? { code: "ConflictException", message: `Duplicate email: ${email} belongs to another user` }
            : null;
        },
      },
    ];
  },
  // A person's memberships go with them.
  effects: (call, rows) => (call.verb === "delete" ? { remove: rows.flat() } : {}),
};

export const groupMembership: ResourceType = {
  token: membershipToken,
  scope: "identity-center",
  source: `${pages}/identitystore_group_membership`,
  invalid: "ValidationException",
  properties: {
    identityStoreId,
    groupId: { required: true, replaces: true, rule: textOf(1, 47) },
    memberId: { required: true, replaces: true, rule: textOf(1, 47) },
  },
  computed: { membershipId: "id within the identity store" },
  outputs: (call) => ({ membershipId: uuid(call.hex(32)) }),
  id: inStore("membershipId"),
  conditions: (call) => {
    if (call.verb === "delete") return [];
    const groupId = text(call.inputs, "groupId");
    const memberId = text(call.inputs, "memberId");
    return [
      ofStore(call),
      mustExist({ type: groupToken, where: { groupId } }, "ResourceNotFoundException", `GROUP not found: ${groupId}`),
      mustExist(
        { type: userToken, where: { userId: memberId } },
        "ResourceNotFoundException",
        `USER not found: ${memberId}`,
      ),
      mustBeFree(
        membershipsOf({ groupId, memberId }),
        "ConflictException",
        "Member and Group relationship already exists.",
      ),
    ];
  },
};
