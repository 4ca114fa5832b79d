/** Sessions, the documents that they run by, and the records that they leave. */
import { paginateDescribeLogStreams } from "@aws-sdk/client-cloudwatch-logs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetDocumentCommand, paginateDescribeSessions, type Session } from "@aws-sdk/client-ssm";
import { z } from "zod";
import type { JsonObject } from "../../domain/json.ts";
import type { CloudSession } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import { CloudReadError } from "../read-error.ts";
import type { AwsClients } from "./clients.ts";
import { resourceNotFound } from "./failures.ts";

const jsonObject = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "no JSON" });
    return z.NEVER;
  }
});
const documentContent: z.ZodType<JsonObject, string> = jsonObject.pipe(z.record(z.string(), z.json()));

/** Content of a document's default version; null when there is no such document. */
export const sessionDocumentOnAws = async (
  clients: AwsClients,
  scope: Scope,
  name: string,
): Promise<JsonObject | null> => {
  const asked = { action: "ssm:GetDocument", scope };
  const answer = await clients.ask({ ...asked, none: ["InvalidDocument"] }, () =>
    clients.ssm(scope).send(new GetDocumentCommand({ Name: name, DocumentFormat: "JSON" })),
  );
  if (answer === null) return null;
  const content = documentContent.safeParse(answer.Content ?? "");
  if (content.success) return content.data;
  throw new CloudReadError(
    "aws_failed",
    { ...asked, role: clients.role(scope) },
    { code: "NoJson", message: `the content of ${name} is no JSON object` },
  );
};

/** DescribeSessions gives 200 at once at most. */
const sessionsPerPage = 200;

const sessionOf = (session: Session, state: "active" | "history"): CloudSession => {
  const { SessionId = "", Owner = "", Target = "", DocumentName = "", StartDate, EndDate } = session;
  const startedAt = (StartDate ?? new Date(0)).toISOString();
  // One that failed to start may have no end: it ended where it began.
  const endedAt = EndDate?.toISOString() ?? startedAt;
  return {
    id: SessionId,
    owner: Owner,
    target: Target,
    documentName: DocumentName,
    startedAt,
    endedAt: state === "active" ? null : endedAt,
  };
};

/** Newest first. */
export const sessionsOnAws = async (
  clients: AwsClients,
  scope: Scope,
  state: "active" | "history",
): Promise<CloudSession[]> => {
  const sessions = await clients.ask({ action: "ssm:DescribeSessions", scope }, async () => {
    const found: CloudSession[] = [];
    const pages = paginateDescribeSessions(
      { client: clients.ssm(scope), pageSize: sessionsPerPage },
      { State: state === "active" ? "Active" : "History" },
    );
    for await (const { Sessions = [] } of pages) found.push(...Sessions.map((session) => sessionOf(session, state)));
    return found;
  });
  return (sessions ?? []).toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1));
};

/** AWS looks up by prefix, and a stream's name may begin another's. */
export const hasLogStreamOnAws = async (
  clients: AwsClients,
  scope: Scope,
  { logGroup, stream }: { logGroup: string; stream: string },
): Promise<boolean> => {
  const found = await clients.ask({ action: "logs:DescribeLogStreams", scope, none: resourceNotFound }, async () => {
    const pages = paginateDescribeLogStreams(
      { client: clients.logs(scope) },
      { logGroupName: logGroup, logStreamNamePrefix: stream },
    );
    for await (const { logStreams = [] } of pages)
      if (logStreams.some(({ logStreamName }) => logStreamName === stream)) return true;
    return false;
  });
  return found ?? false;
};

/**
 * By the list of keys that begin with this one, where it comes first: keys are listed in the order of their bytes. A HEAD would
 * need `s3:GetObject`, by which the content of sessions could be read.
 */
export const hasObjectOnAws = async (
  clients: AwsClients,
  scope: Scope,
  { bucket, key }: { bucket: string; key: string },
): Promise<boolean> => {
  const answer = await clients.ask({ action: "s3:ListBucket", scope, none: ["NoSuchBucket"] }, () =>
    clients.s3(scope).send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 })),
  );
  return answer?.Contents?.[0]?.Key === key;
};
