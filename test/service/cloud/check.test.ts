import type { Json, JsonObject } from "../../../service/domain/json.ts";
import { unknown } from "../../../service/cloud/provider.ts";
import { checkInputs } from "../../../service/cloud/simulated/check.ts";
import { resourceType } from "../../../service/cloud/simulated/types/all-types.ts";
import { identityPolicy, instance, keyPolicy, sessionContent, target, trustPolicy } from "./account.ts";

const { identityStoreId, instanceArn } = instance;
const bigPolicy = (size: number) => identityPolicy(`ssm:${"a".repeat(size)}`);
const document = (content: string) => ({ name: "Gatehouse-a", documentType: "Session", content });

/** Working inputs, over which each case puts one bad value. */
const good: Record<string, JsonObject> = {
  "identitystore/group:Group": { identityStoreId, displayName: "A" },
  "identitystore/user:User": {
    identityStoreId,
    userName: "ann",
    displayName: "Ann",
    name: { givenName: "Ann", familyName: "A" },
    emails: { value: "ann@example.com" },
  },
  "ssoadmin/permissionSet:PermissionSet": { instanceArn, name: "A" },
  "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": {
    instanceArn,
    permissionSetArn: `${instanceArn}/ps-1`,
    inlinePolicy: identityPolicy(),
  },
  "ssoadmin/accountAssignment:AccountAssignment": {
    instanceArn,
    permissionSetArn: `${instanceArn}/ps-1`,
    principalId: "g",
    principalType: "GROUP",
    targetId: target.account,
    targetType: "AWS_ACCOUNT",
  },
  "kms/key:Key": { policy: keyPolicy(target.account) },
  "kms/alias:Alias": { name: "alias/a", targetKeyId: "k" },
  "cloudwatch/logGroup:LogGroup": { name: "/a" },
  "cloudwatch/eventRule:EventRule": { name: "a", eventPattern: "{}" },
  "ssm/document:Document": document(sessionContent()),
  "ssm/activation:Activation": { iamRole: "a" },
  "iam/role:Role": { name: "a", assumeRolePolicy: trustPolicy() },
  "iam/policy:Policy": { name: "a", policy: identityPolicy() },
  "s3/bucket:Bucket": { bucket: "a-bucket" },
  "sns/topicSubscription:TopicSubscription": {
    topic: "arn:aws:sns:eu-west-1:111122223333:a",
    protocol: "email",
    endpoint: "a@b.c",
  },
};

type Case = [type: keyof typeof good, property: string, bad: Json, says: RegExp];

const cases: Case[] = [
  ["identitystore/group:Group", "displayName", "", /1 to 1024/],
  ["identitystore/group:Group", "displayName", "a".repeat(1025), /1 to 1024/],
  ["identitystore/group:Group", "displayName", "\u0007", /letters/],
  ["identitystore/group:Group", "identityStoreId", "store", /identity store id/],
  ["identitystore/user:User", "userName", "a".repeat(129), /1 to 128/],
  ["identitystore/user:User", "userName", "ann lee", /without spaces/],
  ["identitystore/user:User", "emails", [{ value: "a@b.c" }, { value: "d@e.f" }], /exactly one/],
  ["identitystore/user:User", "name", { givenName: "Ann" }, /familyName/],
  ["ssoadmin/permissionSet:PermissionSet", "name", "a".repeat(33), /1 to 32/],
  ["ssoadmin/permissionSet:PermissionSet", "name", "a b", /letters/],
  ["ssoadmin/permissionSet:PermissionSet", "description", "a".repeat(701), /1 to 700/],
  ["ssoadmin/permissionSet:PermissionSet", "relayState", "a".repeat(241), /1 to 240/],
  ["ssoadmin/permissionSet:PermissionSet", "sessionDuration", "PT13H", /PT12H/],
  ["ssoadmin/permissionSet:PermissionSet", "sessionDuration", "PT30M", /PT1H/],
  [
    "ssoadmin/permissionSet:PermissionSet",
    "tags",
    Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, ""])),
    /at most 50/,
  ],
  ["ssoadmin/permissionSet:PermissionSet", "tags", { "aws:a": "b" }, /aws:/],
  ["ssoadmin/permissionSet:PermissionSet", "tags", { a: "b".repeat(257) }, /256/],
  [
    "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
    "inlinePolicy",
    bigPolicy(10_240),
    /10240 characters/,
  ],
  [
    "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
    "inlinePolicy",
    identityPolicy() + " ".repeat(32_768),
    /32768/,
  ],
  [
    "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
    "inlinePolicy",
    identityPolicy("ssm:日本"),
    /Latin-1/,
  ],
  ["ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy", trustPolicy(), /Resource/],
  ["ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy", "[]", /JSON object/],
  ["ssoadmin/accountAssignment:AccountAssignment", "targetId", "12", /12/],
  ["ssoadmin/accountAssignment:AccountAssignment", "principalType", "ROBOT", /"GROUP"/],
  ["kms/key:Key", "policy", identityPolicy(), /Principal/],
  ["kms/key:Key", "deletionWindowInDays", 3, /7 to 30/],
  ["kms/alias:Alias", "name", "gatehouse", /alias\//],
  ["kms/alias:Alias", "name", "alias/aws/ssm", /alias\/aws/],
  ["cloudwatch/logGroup:LogGroup", "name", "a b", /letters/],
  ["cloudwatch/logGroup:LogGroup", "name", "a".repeat(513), /512/],
  ["cloudwatch/logGroup:LogGroup", "retentionInDays", 31, /one of 0, 1, 3/],
  ["cloudwatch/eventRule:EventRule", "eventPattern", null, /required/],
  ["ssm/document:Document", "name", "AWS-Mine", /aws/],
  ["ssm/document:Document", "content", "{", /JSON/],
  ["ssm/document:Document", "content", sessionContent({ idleSessionTimeout: "61" }), /idleSessionTimeout/],
  ["ssm/document:Document", "content", sessionContent({ maxSessionDuration: "1441" }), /maxSessionDuration/],
  ["ssm/document:Document", "content", sessionContent({ idleSessionTimeout: 20 }), /idleSessionTimeout/],
  ["ssm/document:Document", "content", sessionContent({ runAsEnabled: "no" }), /runAsEnabled/],
  ["ssm/document:Document", "content", sessionContent({ colour: "blue" }), /colour/],
  ["ssm/document:Document", "documentType", "Novel", /"Session"/],
  ["ssm/activation:Activation", "registrationLimit", 1001, /1 to 1000/],
  ["ssm/activation:Activation", "expirationDate", "tomorrow", /RFC 3339/],
  ["ssm/activation:Activation", "iamRole", "a".repeat(65), /1 to 64/],
  ["iam/role:Role", "name", "a".repeat(65), /1 to 64/],
  ["iam/role:Role", "assumeRolePolicy", identityPolicy(), /Principal/],
  ["iam/role:Role", "maxSessionDuration", 60, /3600/],
  ["iam/policy:Policy", "policy", bigPolicy(6144), /6144/],
  ["iam/policy:Policy", "policy", '{"Version":"2026-01-01","Statement":[]}', /2012-10-17/],
  ["iam/policy:Policy", "policy", '{"Version":"2012-10-17","Statement":[]}', /at least one/],
  ["s3/bucket:Bucket", "bucket", "ab", /3 to 63/],
  ["s3/bucket:Bucket", "bucket", "Bucket", /lowercase/],
  ["s3/bucket:Bucket", "bucket", "192.168.1.1", /IP address/],
  ["s3/bucket:Bucket", "bucket", "a..b", /two dots/],
  ["s3/bucket:Bucket", "bucket", "xn--bucket", /AWS keeps/],
  ["sns/topicSubscription:TopicSubscription", "endpoint", "nobody", /e-mail/],
];

it.each(Object.entries(good))("accepts a good %s", (type, inputs) => {
  expect(checkInputs(resourceType(`aws:${type}`), inputs)).toEqual([]);
});

it.each(cases)("%s: %s", (type, property, bad, says) => {
  const failures = checkInputs(resourceType(`aws:${type}`), { ...good[type], [property]: bad });
  expect(failures.map((failure) => failure.property)).toEqual([property]);
  expect(failures[0]!.reason).toMatch(says);
});

it.each(Object.entries(good))("lets values of %s pass that are not known yet", (type, inputs) => {
  const notYet = Object.fromEntries(Object.keys(inputs).map((key) => [key, unknown]));
  const failures = checkInputs(resourceType(`aws:${type}`), notYet);
  expect(failures).toEqual([]);
});
