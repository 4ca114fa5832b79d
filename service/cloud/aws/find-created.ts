/**
 * Looks for what a create made whose answer never came. AWS keeps most names of what Gatehouse makes unique, so it is looked for
 * by name; its other inputs and its age are not compared. The preview had seen that the name was free. What AWS names itself is
 * looked for by `find-unnamed.ts` and `find-quick-setup.ts`.
 *
 * Ids are those of the provider's pages ("Import" of each resource in the Pulumi AWS package).
 */
import type { JsonObject } from "../../domain/json.ts";
import type { AccessReader } from "../access-reader.ts";
import { AwsError, unknown, type ResourceProvider, type Scope } from "../provider.ts";
import { CloudReadError } from "../read-error.ts";
import type { CloudReader, Found } from "../reader.ts";
import type { AwsClients } from "./clients.ts";
import { findCreatedQuickSetups } from "./find-quick-setup.ts";
import { findCreatedActivations, findCreatedKeys, type UnnamedCreate } from "./find-unnamed.ts";

interface FindCreatedOptions {
  clients: AwsClients;
  reader: CloudReader;
  accessReader: AccessReader;
  now: () => Date;
}

/** What a lookup gets: the inputs by name, which it takes as text. */
interface Created {
  text: (input: string) => string;
  scope: Scope;
}
type LookUp = (from: FindCreatedOptions, created: Created) => Promise<string | null>;

const idOf = (found: Found | null): string | null => found?.id ?? null;

const lookUps: Readonly<Record<string, LookUp>> = {
  "aws:identitystore/group:Group": async ({ reader }, { text }) => idOf(await reader.findGroup(text("displayName"))),
  "aws:identitystore/user:User": async ({ reader }, { text }) => idOf(await reader.findUser(text("userName"))),
  "aws:identitystore/groupMembership:GroupMembership": async ({ reader }, { text }) =>
    idOf(await reader.findMembership(text("groupId"), text("memberId"))),
  "aws:ssoadmin/permissionSet:PermissionSet": async ({ reader }, { text }) =>
    idOf(await reader.findPermissionSet(text("name"))),
  // For groups only, which is all that the programs assign to.
  "aws:ssoadmin/accountAssignment:AccountAssignment": async ({ reader }, { text }) => {
    const account = text("targetId");
    const found = await reader.findAssignments(text("permissionSetArn"), text("principalId"), [account]);
    return idOf(found.get(account) ?? null);
  },
  "aws:cloudwatch/logGroup:LogGroup": async ({ reader }, { text, scope }) =>
    idOf(await reader.findLogGroup(scope, text("name"))),
  "aws:ssm/document:Document": async ({ reader }, { text, scope }) =>
    idOf(await reader.findDocument(scope, text("name"))),
  "aws:kms/alias:Alias": async ({ reader }, { text, scope }) =>
    (await reader.findKey(scope, text("name"))) === null ? null : text("name"),
  "aws:s3/bucket:Bucket": async ({ reader }, { text, scope }) => {
    const bucket = await reader.findBucket(scope, text("bucket"));
    return bucket?.owned === true ? bucket.id : null;
  },
  "aws:cloudtrail/trail:Trail": async ({ reader }, { text, scope }) =>
    (await reader.findTrail(scope, text("name")))?.arn ?? null,
  "aws:iam/role:Role": async ({ reader }, { text, scope }) => idOf(await reader.findRole(scope, text("name"))),
  "aws:iam/policy:Policy": async ({ reader }, { text, scope }) => idOf(await reader.findPolicy(scope, text("name"))),
  "aws:iam/instanceProfile:InstanceProfile": async ({ reader }, { text, scope }) =>
    idOf(await reader.findInstanceProfile(scope, text("name"))),
};

const unnamed: Readonly<Record<string, (clients: AwsClients, created: UnnamedCreate) => Promise<string[]>>> = {
  "aws:kms/key:Key": findCreatedKeys,
  "aws:ssm/activation:Activation": findCreatedActivations,
  "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager": findCreatedQuickSetups,
};

/**
 * Types whose create does the same once more: AWS overwrites what is there (Put…, Set…, Update…), or answers with what is there
 * (AttachRolePolicy, CreateTopic, Subscribe). They need no looking up: the next up makes them.
 */
const madeAgain: ReadonlySet<string> = new Set([
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:sns/topic:Topic",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:ssm/serviceSetting:ServiceSetting",
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
]);

const notLookedUp = (type: string, scope: Scope, why: string): AwsError =>
  new AwsError(
    "NotLookedUp",
    `${type} ${why}, so Gatehouse cannot look for it in AWS. Look in account ${scope.account} whether it was made, and say so to the stack's state (docs/break-glass.md, "What Gatehouse cannot look up"); then recover again.`,
  );

/** The part of `ResourceProvider` that a recovery needs, on AWS. */
export const createFindCreated =
  (from: FindCreatedOptions): ResourceProvider["findCreated"] =>
  async (type, inputs: JsonObject, scope, since) => {
    if (madeAgain.has(type)) return [];
    const text = (input: string): string => {
      const value = inputs[input];
      if (typeof value === "string" && value !== unknown) return value;
      throw notLookedUp(type, scope, `is known without its ${input}`);
    };
    const find = async (): Promise<string[]> => {
      const findUnnamed = unnamed[type];
      if (findUnnamed !== undefined) return findUnnamed(from.clients, { scope, since, now: from.now(), text });
      const lookUp = lookUps[type];
      if (lookUp === undefined) throw notLookedUp(type, scope, "has no name that AWS keeps unique");
      const id = await lookUp(from, { text, scope });
      return id === null ? [] : [id];
    };
    try {
      return await find();
    } catch (error) {
      if (!(error instanceof CloudReadError)) throw error;
      const { code, message, asked } = error;
      throw new AwsError(
        code,
        `${asked.action} in account ${asked.scope.account} was not answered: ${code}. ${message}`,
      );
    }
  };
