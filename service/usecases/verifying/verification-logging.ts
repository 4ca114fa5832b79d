/** Steps of a verification: do sessions' preferences lead to the environment's logs, and did the last sessions get there. */
import type { CloudSession } from "../../cloud/access-reader.ts";
import type { Scope } from "../../cloud/provider.ts";
import { foundationDocument } from "../../domain/foundation-document.ts";
import { foundationStack } from "../../domain/stacks.ts";
import { isSamePlace } from "../../domain/targets.ts";
import type { VerificationFinding } from "../../domain/verification.ts";
import type { JsonObject } from "../../domain/json.ts";
import {
  archiveKeyAlias,
  preferencesDocumentName,
  sessionDocumentName,
  sessionKeyAlias,
  sessionLogGroupName,
} from "../../../stacks/names.ts";
import { sessionStart } from "../../../stacks/environment/start-session.ts";
import { defaultSessionPrefix } from "../../../stacks/foundation/log-archive-policies.ts";
import { isSessionOf, userNameOf } from "../access/sessions.ts";
import {
  counted,
  failed,
  notYet,
  putBack,
  type StepOfVerification,
  type VerificationContext,
} from "./verification-context.ts";

/** Where the sessions of a document are recorded, by what was approved. */
interface Destination extends Scope {
  document: string;
  logGroup: string;
  bucket: string;
  /** Folder of the bucket, with the slash that ends it. */
  prefix: string;
  keyAlias: string;
}

const withSlash = (prefix: string): string => (prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`);

/**
 * The documents with which the environment's people start shells, in each target: its own; and the region's preferences for
 * those of the whitepaper's policies, which name none. A target that the last up did not reach has none.
 */
const destinationsOf = async ({ spec, resolved, tables }: VerificationContext): Promise<Destination[]> => {
  const found: Destination[] = [];
  for (const { account, region } of spec.targets) {
    const target = resolved.targets.find(({ access }) => isSamePlace(access, { account, region }));
    if (target === undefined || !spec.sessionDocuments.includes("shell")) continue;
    const bucket = target.foundation.bucketName;
    found.push({
      account,
      region,
      document: sessionDocumentName(spec.name),
      logGroup: sessionLogGroupName(spec.name),
      bucket,
      prefix: withSlash(spec.logging.s3.keyPrefix),
      keyAlias: sessionKeyAlias(spec.name),
    });
    const foundation =
      spec.policyProfile === "whitepaper" ? await tables.stacks.find(foundationStack(account, region)) : null;
    if (foundation?.spec == null) continue;
    const { logArchive } = foundationDocument.parse(foundation.spec);
    found.push({
      account,
      region,
      document: preferencesDocumentName,
      logGroup: logArchive.logGroupName,
      bucket,
      prefix: withSlash(defaultSessionPrefix),
      keyAlias: archiveKeyAlias,
    });
  }
  return found;
};

const inputsOf = (content: JsonObject): JsonObject => {
  const inputs = content["inputs"];
  return typeof inputs === "object" && inputs !== null && !Array.isArray(inputs) ? inputs : {};
};

const textOf = (values: JsonObject, key: string): string => {
  const value = values[key];
  return typeof value === "string" ? value : "";
};

/** What of a session document decides whether a session is recorded where it was approved, and under which key. */
const preferencesProblems = (inputs: JsonObject, wanted: Destination, keyId: string | null): string[] => {
  const { logGroup, bucket, prefix, keyAlias } = wanted;
  const key = textOf(inputs, "kmsKeyId");
  const rules: [boolean, string][] = [
    [
      textOf(inputs, "cloudWatchLogGroupName") === logGroup,
      `the log group is "${textOf(inputs, "cloudWatchLogGroupName")}" and not ${logGroup}`,
    ],
    [textOf(inputs, "s3BucketName") === bucket, `the bucket is "${textOf(inputs, "s3BucketName")}" and not ${bucket}`],
    [
      withSlash(textOf(inputs, "s3KeyPrefix")) === prefix,
      `the folder of the bucket is "${textOf(inputs, "s3KeyPrefix")}" and not ${prefix}`,
    ],
    [inputs["cloudWatchEncryptionEnabled"] === true, "an unencrypted log group is not refused any more"],
    [inputs["s3EncryptionEnabled"] === true, "an unencrypted bucket is not refused any more"],
    [inputs["cloudWatchStreamingEnabled"] === true, "sessions are not streamed to the log group"],
    [inputs["runAsEnabled"] !== true, "sessions run as another user of the server"],
    [
      keyId !== null && (key === keyId || key.endsWith(`key/${keyId}`)),
      `sessions are not encrypted with the key ${keyAlias}`,
    ],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
};

/** Do the session documents say what was approved, and can their keys be used. */
export const sessionPreferencesStep: StepOfVerification = async (context) => {
  const { accessReader, reader, spec } = context;
  const destinations = await destinationsOf(context);
  const findings = await Promise.all(
    destinations.map(async (wanted): Promise<VerificationFinding[]> => {
      const [content, key] = await Promise.all([
        accessReader.sessionDocument(wanted, wanted.document),
        reader.findKey(wanted, wanted.keyAlias),
      ]);
      const where = `in account ${wanted.account}, ${wanted.region}`;
      if (content === null) return [failed(wanted.document, `The session document is gone ${where}.`, putBack(spec))];
      const going =
        key?.pendingDeletion === true
          ? [
              failed(
                wanted.keyAlias,
                `The key ${key.keyId} ${where} is scheduled for deletion: sessions are refused, and when it is gone their logs cannot be read.`,
                "Cancel the deletion in KMS and enable the key, and find out in CloudTrail (ScheduleKeyDeletion) who asked for it.",
              ),
            ]
          : [];
      const changed = preferencesProblems(inputsOf(content), wanted, key?.keyId ?? null).map((problem) =>
        failed(wanted.document, `The session document ${where} was changed: ${problem}.`, putBack(spec)),
      );
      return [...going, ...changed];
    }),
  );
  const documents = [...new Set(destinations.map(({ document }) => document))];
  return {
    message:
      destinations.length === 0
        ? "No shell sessions, so no session document to look at: port forwarding and SSH have no content logs."
        : `The session ${documents.length === 1 ? "document" : "documents"} ${documents.join(", ")}, in ${counted(spec.targets.length, "target")}.`,
    findings: findings.flat(),
  };
};

/** The agent delivers an object when the session has ended; for so long it may be on its way, in milliseconds. */
const deliveryTime = 15 * 60 * 1000;

/** Sessions of the environment's people whose content is logged, newest first. */
const loggedSessions = async (
  { accessReader, spec }: VerificationContext,
  destinations: readonly Destination[],
): Promise<{ session: CloudSession; destination: Destination }[]> => {
  const perTarget = await Promise.all(
    spec.targets.map(async (place) => {
      const here = destinations.filter((destination) => isSamePlace(destination, place));
      const lists = await Promise.all(
        (["active", "history"] as const).map((state) => accessReader.sessions(place, state)),
      );
      return lists.flat().flatMap((session) => {
        const destination = here.find(({ document }) => document === session.documentName);
        return destination !== undefined && isSessionOf(session, spec) ? [{ session, destination }] : [];
      });
    }),
  );
  return perTarget.flat().toSorted((one, other) => (one.session.startedAt < other.session.startedAt ? 1 : -1));
};

/** Whose sessions are looked at: those that the document names, or those that the identity provider has put into the group. */
const peopleOf = async ({ accessReader, spec, groupId }: VerificationContext): Promise<string[]> =>
  spec.group.source === "external"
    ? ((await accessReader.groupMembers(groupId)) ?? []).map(({ userName }) => userName)
    : spec.group.members.map(({ userName }) => userName);

/** Did each person's latest session leave its log stream and its object. */
export const sessionLogsStep: StepOfVerification = async (context) => {
  const { accessReader, now } = context;
  const destinations = await destinationsOf(context);
  if (destinations.length === 0) return { message: "No shell sessions, so no content logs to look for.", findings: [] };
  const [people, sessions] = await Promise.all([peopleOf(context), loggedSessions(context, destinations)]);
  const findings = await Promise.all(
    people.map(async (userName): Promise<VerificationFinding[]> => {
      const latest = sessions.find(({ session }) => userNameOf(session).toLowerCase() === userName.toLowerCase());
      if (latest === undefined) return [neverLoggedIn(context, userName)];
      const { session, destination } = latest;
      const { logGroup, bucket, prefix } = destination;
      const key = `${prefix}${session.id}.log`;
      const [stream, object] = await Promise.all([
        accessReader.hasLogStream(destination, logGroup, session.id),
        accessReader.hasObject(destination, bucket, key),
      ]);
      const onItsWay = session.endedAt === null || now.getTime() - Date.parse(session.endedAt) < deliveryTime;
      return [
        ...(stream ? [] : [missing(session, `log stream ${session.id} in ${logGroup}`, onItsWay)]),
        ...(object ? [] : [missing(session, `object ${key} in bucket ${bucket}`, onItsWay)]),
      ];
    }),
  );
  return {
    message: `The latest session of ${people.length === 1 ? "1 person" : `each of ${people.length} people`}: its log stream and its object.`,
    findings: findings.flat(),
  };
};

const neverLoggedIn = ({ spec }: VerificationContext, userName: string): VerificationFinding => {
  const [place] = spec.targets;
  const { startSessionCommand } = sessionStart(
    spec.name,
    spec.policyProfile,
    spec.sessionDocuments,
    place?.region ?? "",
  );
  return notYet(
    userName,
    `${userName} has had no session in the last 30 days, which is as long as Systems Manager remembers them.`,
    `Have them sign in and start one, end it, and verify again: ${startSessionCommand}`,
  );
};

const missing = ({ id }: CloudSession, what: string, onItsWay: boolean): VerificationFinding =>
  onItsWay
    ? notYet(
        id,
        `There is no ${what} yet.`,
        "Wait until the session has ended and its records were delivered, and verify again.",
      )
    : failed(
        id,
        `There is no ${what}.`,
        "The agent could not deliver it: see that the node's role may write there (problem outside_logging_role of GET …/nodes) and reach CloudWatch Logs and S3, and look into the agent's log.",
      );
