/**
 * Looks for what a create made that AWS names itself: keys and activations. They are known by what they were made for and by
 * when; whoever asks is given all that it could be.
 */
import { DescribeKeyCommand, paginateListKeys } from "@aws-sdk/client-kms";
import { paginateDescribeActivations } from "@aws-sdk/client-ssm";
import { AwsError, type Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { inChunks } from "./in-chunks.ts";
import { isPendingDeletion } from "./keys.ts";

/** What a lookup knows of a create. */
export interface UnnamedCreate {
  scope: Scope;
  /** Nothing that was made before counts. */
  since: Date;
  now: Date;
  /** An input that AWS shows again, as text. */
  text: (input: string) => string;
}

const describedAtOnce = 8;
const keysPerPage = 1_000;
const activationsPerPage = 50;

/**
 * How long AWS may not show a key that it has made: "in some cases it can take several minutes" (KMS Developer Guide, "AWS
 * KMS eventual consistency"). Before that, "there is none" is no answer: a second key would be made. It counts from when one may
 * have been made by AWS's clock, which is up to five minutes before the note.
 */
const visibleAfterMilliseconds = 15 * 60_000;

/**
 * Ids of the account's own keys with that description, oldest first. The policy is not compared: AWS may write it otherwise
 * than it was given, and a key that is then taken for another's would be made again.
 *
 * @throws AwsError `NotVisibleYet`; CloudReadError, also where AWS refuses to tell of one key what it is
 */
export async function findCreatedKeys(
  clients: AwsClients,
  { scope, since, now, text }: UnnamedCreate,
): Promise<string[]> {
  const description = text("description");
  const client = clients.kms(scope);
  const listed = await clients.ask({ action: "kms:ListKeys", scope }, async () => {
    const ids: string[] = [];
    for await (const { Keys = [] } of paginateListKeys({ client, pageSize: keysPerPage }, {}))
      ids.push(...Keys.flatMap(({ KeyId }) => (KeyId === undefined ? [] : [KeyId])));
    return ids;
  });
  const described = await inChunks(listed ?? [], describedAtOnce, async (id) => ({
    id,
    key: await clients.ask({ action: "kms:DescribeKey", scope, none: ["NotFoundException"] }, () =>
      client.send(new DescribeKeyCommand({ KeyId: id })),
    ),
  }));
  const found = described
    .flatMap(({ id, key }) => (key?.KeyMetadata === undefined ? [] : [{ id, ...key.KeyMetadata }]))
    .filter((key) => key.Description === description && !isPendingDeletion(key) && isSince(key.CreationDate, since))
    .sort((one, other) => timeOf(one.CreationDate) - timeOf(other.CreationDate))
    .map(({ id }) => id);
  const visible = new Date(since.getTime() + visibleAfterMilliseconds);
  if (found.length === 0 && now < visible)
    throw new AwsError(
      "NotVisibleYet",
      `AWS KMS shows no key "${description}" in account ${scope.account}, ${scope.region}, but may show one some minutes after it was made. Recover again after ${visible.toISOString()}.`,
    );
  return found;
}

/** Ids of the activations for that role, oldest first. An environment's role is its own. @throws CloudReadError */
export async function findCreatedActivations(
  clients: AwsClients,
  { scope, since, text }: UnnamedCreate,
): Promise<string[]> {
  const role = text("iamRole");
  const found = await clients.ask({ action: "ssm:DescribeActivations", scope }, async () => {
    const listed: { id: string; made: Date | undefined }[] = [];
    const pages = paginateDescribeActivations({ client: clients.ssm(scope), pageSize: activationsPerPage }, {});
    for await (const { ActivationList = [] } of pages)
      for (const { ActivationId = "", IamRole = "", CreatedDate } of ActivationList)
        // With its path in front, where the role has one.
        if (IamRole.split("/").at(-1) === role && isSince(CreatedDate, since))
          listed.push({ id: ActivationId, made: CreatedDate });
    return listed;
  });
  return (found ?? []).sort((one, other) => timeOf(one.made) - timeOf(other.made)).map(({ id }) => id);
}

const timeOf = (instant: Date | undefined): number => instant?.getTime() ?? 0;

/** What AWS does not date counts: better in doubt than made twice. */
const isSince = (made: Date | undefined, since: Date): boolean => made === undefined || made >= since;
