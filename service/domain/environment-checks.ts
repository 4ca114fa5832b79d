import { z } from "zod";
import { changesOnlyAdopted } from "./adoption-checks.ts";
import {
  activationTarget,
  defaultGroupName,
  defaultPermissionSetDescription,
  defaultPermissionSetName,
} from "./environment-defaults.ts";
import { environmentName } from "./environment-fields.ts";
import { at, noRepeats, valid, validItems } from "./findings.ts";
import type { Finding } from "./findings.ts";
import { groupName, member, permissionSetDescription, permissionSetName } from "./identity-fields.ts";
import { partitionOf } from "./regions.ts";
import { guardKey, guardValue, tagValue, target } from "./target-fields.ts";

/** What the fields of an environment document must be together. Each takes the document as it was given. */
type Check = (document: unknown) => Finding[];

const targetKey = (item: { account: string; region: string } | undefined) => item && `${item.account}/${item.region}`;

const distinctTargets: Check = (document) =>
  noRepeats(["targets"], validItems(target, at(document, "targets")).map(targetKey), "an account and region");

const onePartition: Check = (document) => {
  const partitions = validItems(target, at(document, "targets")).map((item) => item && partitionOf(item.region));
  const first = partitions.find((partition) => partition !== undefined);
  return partitions.flatMap((partition, index) =>
    partition === undefined || partition === first
      ? []
      : [
          {
            path: ["targets", index, "region"],
            message: `must be in the AWS partition of the other targets (${String(first)}): make another environment for the ${partition} partition`,
          },
        ],
  );
};

const distinctMembers: Check = (document) => {
  const members = validItems(member, at(document, "group", "members"));
  return [
    // Identity Center keeps one user for "Ann" and "ann".
    ...noRepeats(
      ["group", "members"],
      members.map((item) => item?.userName.toLowerCase()),
      "a user (case aside)",
    ),
    ...noRepeats(
      ["group", "members"],
      members.map((item) => item?.email?.toLowerCase()),
      "an e-mail address (case aside)",
    ),
  ];
};

const personDetails = ["email", "givenName", "familyName"] as const;

const completeMembers: Check = (document) =>
  validItems(member, at(document, "group", "members")).flatMap((item, index): Finding[] => {
    if (item === undefined) return [];
    const missing = personDetails.filter((detail) => item[detail] === null);
    if (missing.length > 0 && missing.length < personDetails.length) {
      return missing.map((detail) => ({
        path: ["group", "members", index, detail],
        message:
          "is required together with the others: give email, givenName and familyName, or only userName for a person who exists",
      }));
    }
    return missing.length > 0 && item.onRemoval === "delete"
      ? [
          {
            path: ["group", "members", index, "onRemoval"],
            message: 'must be "retain" for a person who is only named: "delete" needs email, givenName and familyName',
          },
        ]
      : [];
  });

const externalGroup: Check = (document) => {
  if (at(document, "group", "source") !== "external") return [];
  const members = at(document, "group", "members");
  const adopt = at(document, "adopt");
  return [
    ...(Array.isArray(members) && members.length > 0
      ? [
          {
            path: ["group", "members"],
            message: 'must be empty for a group with source "external": its identity provider manages the members',
          },
        ]
      : []),
    ...(Array.isArray(adopt) ? adopt : []).flatMap((kind: unknown, index) =>
      kind === "group" || kind === "users"
        ? [
            {
              path: ["adopt", index],
              message: 'does not go with a group of source "external", which is only looked up',
            },
          ]
        : [],
    ),
  ];
};

const distinctWords =
  (field: string, what: string): Check =>
  (document) =>
    noRepeats([field], validItems(z.string(), at(document, field)), what);

const permissionSetTagKeys: Check = (document) => {
  const tags = at(document, "permissionSet", "tags");
  if (typeof tags !== "object" || tags === null) return [];
  const keys = Object.keys(tags);
  const lowerCase = new Set<string>();
  return [
    ...(keys.length > 50
      ? [{ path: ["permissionSet", "tags"], message: "must hold at most 50 tags, as AWS allows for a permission set" }]
      : []),
    ...keys.flatMap((key) => {
      const twice = lowerCase.has(key.toLowerCase());
      lowerCase.add(key.toLowerCase());
      return twice
        ? [
            {
              path: ["permissionSet", "tags", key],
              message: "differs only in case from another key: IAM compares tag keys without case",
            },
          ]
        : [];
    }),
  ];
};

/** A default that AWS would refuse must be given instead. */
const derivedDefaults: Check = (document) => {
  const name = valid(environmentName, at(document, "name"));
  const key = valid(guardKey, at(document, "tag", "key"));
  const value = valid(guardValue, at(document, "tag", "value"));
  const group = at(document, "group", "name") ?? (name && defaultGroupName(name));
  const refused = (path: string[], schema: z.ZodType, derived: string | undefined, message: string): Finding[] =>
    at(document, ...path) !== undefined || derived === undefined || valid(schema, derived) !== undefined
      ? []
      : [{ path, message }];
  return [
    ...refused(
      ["permissionSet", "name"],
      permissionSetName,
      name && defaultPermissionSetName(name),
      "is required here: the default made from the name is longer than the 32 characters that AWS allows",
    ),
    ...refused(
      ["permissionSet", "description"],
      permissionSetDescription,
      key && value && defaultPermissionSetDescription({ key, value }),
      "is required here: the default made from the tag holds characters that AWS does not allow in it",
    ),
    ...refused(
      ["permissionSet", "tags"],
      tagValue,
      valid(groupName, group),
      "is required here: the default, the tag Name with the group's name, is no tag value that AWS allows (give {} for no tags)",
    ),
  ];
};

const activationPlace: Check = (document) => {
  const onPremises = at(document, "onPremises");
  const targets = at(document, "targets");
  if (typeof onPremises !== "object" || onPremises === null || !Array.isArray(targets)) return [];
  const known = validItems(target, targets);
  const given = at(onPremises, "target");
  if (given === undefined) {
    return activationTarget(undefined, targets) === undefined && targets.length > 1
      ? [
          {
            path: ["onPremises", "target"],
            message: "is required with more than one target: give the one of targets to register servers in",
          },
        ]
      : [];
  }
  const place = targetKey(valid(target, given));
  const wanted = place !== undefined && known.every((item) => item !== undefined);
  return wanted && !known.some((item) => targetKey(item) === place)
    ? [{ path: ["onPremises", "target"], message: "must be one of targets" }]
    : [];
};

const exactlyOne = (statement: unknown, index: number, [first, second]: readonly [string, string]): Finding[] => {
  const given = [first, second].filter((element) => at(statement, element) !== undefined).length;
  return given === 1
    ? []
    : [
        {
          path: ["extraStatements", index, given === 0 ? first : second],
          message:
            given === 0
              ? `is required, or ${second}`
              : `must be left out beside ${first}: a statement has one of the two`,
        },
      ];
};

const wholeStatements: Check = (document) => {
  const statements = at(document, "extraStatements");
  if (!Array.isArray(statements)) return [];
  const sids = statements.map((statement: unknown) => valid(z.string(), at(statement, "Sid")));
  return [
    ...statements.flatMap((statement: unknown, index) =>
      typeof statement === "object" && statement !== null
        ? [
            ...exactlyOne(statement, index, ["Action", "NotAction"]),
            ...exactlyOne(statement, index, ["Resource", "NotResource"]),
          ]
        : [],
    ),
    ...noRepeats(["extraStatements"], sids, "a Sid"),
  ];
};

/** Every check, in the order of the document. */
export const environmentChecks: readonly Check[] = [
  externalGroup,
  distinctMembers,
  completeMembers,
  derivedDefaults,
  permissionSetTagKeys,
  distinctWords("sessionDocuments", "a session document"),
  distinctTargets,
  onePartition,
  activationPlace,
  distinctWords("adopt", "a kind"),
  distinctWords("adoptChanges", "a kind"),
  changesOnlyAdopted,
  wholeStatements,
];
