import type { z } from "zod";
import { changesOnlyAdopted } from "./adoption-checks.ts";
import { choice, fields, flag, list } from "./fields.ts";
import { at, noRepeats, reportAll, valid, validItems } from "./findings.ts";
import type { Finding } from "./findings.ts";
import { email } from "./identity-fields.ts";
import { bucketName, logGroupName, retentionDays, trailName } from "./logging-fields.ts";
import { region } from "./regions.ts";
import { requestFields } from "./request-fields.ts";
import { idleTimeoutMinutes, maxSessionMinutes } from "./session-fields.ts";
import { account } from "./target-fields.ts";

/** What a foundation can take over; groups, people and permission sets are the environments'. */
const foundationAdoptions = ["session-preferences", "log-group", "bucket"] as const;

const hostManagement = fields({
  mode: choice(["quick-setup", "none"])
    .default("quick-setup")
    .describe("quick-setup has AWS manage the instances; none leaves them as they are."),
  targets: choice(["all"]).default("all").describe("Which instances: all of the account and region."),
});

const sessionPreferences = fields({
  idleTimeoutMinutes: idleTimeoutMinutes
    .default(20)
    .describe("Minutes without input until a session ends, 1 to 60. 20 is AWS's default too."),
  maxSessionMinutes: maxSessionMinutes
    .default(null)
    .describe("Minutes until any session ends, 1 to 1440; null sets no limit, as AWS does by default."),
});

const logArchive = fields({
  logGroupName: logGroupName
    .default("SessionManagerLogGroup")
    .describe("Log group of the default session preferences; the AWS guide's name."),
  bucketName: bucketName.optional().describe("Bucket of all session logs. Default: from account and region."),
  retentionDays: retentionDays.default(365).describe("Days that CloudWatch Logs and the bucket keep session logs."),
});

const notifications = fields({
  emails: list(email, "e-mail addresses", 50)
    .default([])
    .describe("Who is told when a session starts, resumes or ends."),
  trail: trailName
    .nullable()
    .default(null)
    .describe("An existing trail that logs management events; left out, one is made."),
});

const foundationFields = fields({
  account: account.describe("AWS account id, 12 digits."),
  region: region.describe("AWS region."),
  hostManagement: hostManagement.prefault({}).describe("How instances become managed nodes."),
  sessionPreferences: sessionPreferences.prefault({}).describe("Default preferences of sessions."),
  logArchive: logArchive.prefault({}).describe("Where session logs are kept."),
  notifications: notifications.nullable().default(null).describe("Notifications of session activity; null is none."),
  activationTier: choice(["none", "standard", "advanced"])
    .default("none")
    .describe("Instance tier of on-premises servers, which AWS retired on 2026-06-30; none leaves the setting alone."),
  acknowledgeCharges: flag().default(false).describe("Must be true for the advanced tier, which AWS charges for."),
  adopt: list(choice(foundationAdoptions), "kinds of things to take over", 3)
    .default([])
    .describe("What exists in the account already and shall be taken over."),
  adoptChanges: list(choice(foundationAdoptions), "kinds of things to take over and change", 3)
    .default([])
    .describe("Of what adopt lists: what may be changed to what the document says."),
});

/** Bucket of an account and region: at most 50 characters, so within what S3 allows in every region. */
const defaultBucketName = (accountId: string, regionName: string): string =>
  `gatehouse-session-logs-${accountId}-${regionName}`;

const checks: readonly ((document: unknown) => Finding[])[] = [
  (document) =>
    noRepeats(
      ["notifications", "emails"],
      validItems(email, at(document, "notifications", "emails")).map((address) => address?.toLowerCase()),
      "an e-mail address (case aside)",
    ),
  (document) =>
    at(document, "activationTier") === "advanced" && valid(flag(), at(document, "acknowledgeCharges")) === false
      ? [
          {
            path: ["acknowledgeCharges"],
            message:
              'must be true with the activation tier "advanced": AWS charges for it; or leave activationTier out, AWS retired the tier on 2026-06-30',
          },
        ]
      : [],
  (document) => noRepeats(["adopt"], validItems(choice(foundationAdoptions), at(document, "adopt")), "a kind"),
  (document) =>
    noRepeats(["adoptChanges"], validItems(choice(foundationAdoptions), at(document, "adoptChanges")), "a kind"),
  changesOnlyAdopted,
];

const completeFoundation = (given: z.output<typeof foundationFields>) => ({
  ...given,
  logArchive: {
    ...given.logArchive,
    bucketName: given.logArchive.bucketName ?? defaultBucketName(given.account, given.region),
  },
});

/**
 * The desired foundation of one account and region: the document in, every default filled in out. Parsing its own output
 * gives the same again. Fields, defaults and limits are in docs/request-document.md.
 */
export const foundationDocument = foundationFields
  .superRefine(reportAll(checks), { when: () => true })
  .transform(completeFoundation)
  .meta({ id: "FoundationDocument", description: "The desired foundation of one account and region." });

/** Body of `POST /v1/foundation-requests`. */
export const foundationRequest = fields({ ...requestFields, foundation: foundationDocument }).meta({
  id: "FoundationRequest",
  description: "The desired foundation and what to do with it.",
});

/** A complete foundation document: what `spec` holds. */
export type FoundationSpec = z.output<typeof foundationDocument>;
export type FoundationRequest = z.output<typeof foundationRequest>;

/** A document as a caller may write it, with defaults left out. */
export type FoundationInput = z.input<typeof foundationDocument>;
