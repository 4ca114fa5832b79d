import { z } from "zod";

/**
 * What the two programs take. These are not request documents: they are resolved, recorded values, so that a program run
 * by hand, or hours later, does exactly what it did the first time. Nothing here is defaulted; whoever calls decides.
 */

/** One AWS account, the region to work in, and the role to assume there (`null`: the process's own credentials). */
export const accountAccess = z.strictObject({
  account: z.string().regex(/^\d{12}$/),
  region: z.string().min(1),
  roleArn: z.string().nullable(),
});
export type AccountAccess = z.infer<typeof accountAccess>;

const tag = z.strictObject({ key: z.string().min(1), value: z.string() });

/** The id under which something that exists already is imported; `null` makes a new one. */
const importId = z.string().nullable();

export const sessionDocumentKind = z.enum(["shell", "port-forwarding", "ssh"]);
export type SessionDocumentKind = z.infer<typeof sessionDocumentKind>;

export const policyProfile = z.enum(["hardened", "whitepaper"]);
export type PolicyProfile = z.infer<typeof policyProfile>;

/** One statement of an IAM policy, as a caller may add it: plain IAM JSON. */
export const policyStatement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.union([z.string(), z.array(z.string())]).optional(),
  NotAction: z.union([z.string(), z.array(z.string())]).optional(),
  Resource: z.union([z.string(), z.array(z.string())]).optional(),
  NotResource: z.union([z.string(), z.array(z.string())]).optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))).optional(),
});
export type PolicyStatement = z.infer<typeof policyStatement>;

/** What an environment needs of the foundation in a target, recorded from the foundation's outputs and document. */
export const foundationFacts = z.strictObject({
  /** Log archive bucket, and the ARN of the key that encrypts it. */
  bucketName: z.string(),
  archiveKeyArn: z.string(),
  /** Role of the account's nodes, to which the environment's log policy is attached. */
  nodeRoleName: z.string(),
  idleTimeoutMinutes: z.int(),
  /** `null`: no limit. */
  maxSessionMinutes: z.int().nullable(),
});
export type FoundationFacts = z.infer<typeof foundationFacts>;

export const environmentTarget = z.strictObject({
  access: accountAccess,
  foundation: foundationFacts,
  /** Taken over or taken back: the log group's name, and the id of the KMS key with the alias of this environment. */
  logGroupImportId: importId,
  keyImportId: importId,
});
export type EnvironmentTarget = z.infer<typeof environmentTarget>;

export const environmentMember = z.strictObject({
  userName: z.string(),
  /** The person, when this environment owns them; `null` looks an existing one up and adds a membership only. */
  user: z
    .strictObject({
      email: z.string(),
      givenName: z.string(),
      familyName: z.string(),
      /** Whether the person stays when the membership goes (`onRemoval: "retain"`). */
      retain: z.boolean(),
      /** `<identityStoreId>/<userId>` */
      importId,
    })
    .nullable(),
  /** `<identityStoreId>/<membershipId>`, of a person who is in the group already; left out, they are put into it. */
  membershipImportId: z.string().optional(),
});
export type EnvironmentMember = z.infer<typeof environmentMember>;

/** Arguments of the environment program: one stack each. */
export const environmentArguments = z.strictObject({
  name: z.string(),
  tag,
  /** Where Identity Center lives: an account and region of its own. */
  identityCenter: accountAccess.extend({
    /**
     * Which instance it is, as Gatehouse found it: each run that asks again takes one of the twenty requests a second that AWS
     * answers in all. Left out, the program asks.
     */
    instance: z.strictObject({ arn: z.string().min(1), identityStoreId: z.string().min(1) }).optional(),
  }),
  group: z.strictObject({
    name: z.string(),
    description: z.string(),
    /** `external`: an identity provider manages it; looked up by name, no members. */
    source: z.enum(["identity-center", "external"]),
    /** `<identityStoreId>/<groupId>` */
    importId,
  }),
  members: z.array(environmentMember),
  permissionSet: z.strictObject({
    name: z.string(),
    description: z.string().nullable(),
    /** ISO 8601, PT1H to PT12H. */
    sessionDuration: z.string(),
    relayState: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    /** `<permissionSetArn>,<instanceArn>` */
    importId,
    /** By account: ids of assignments to the group that are there already. Left out: there is none. */
    assignmentImportIds: z.record(z.string(), z.string()).optional(),
  }),
  policyProfile,
  sessionDocuments: z.array(sessionDocumentKind),
  targets: z.array(environmentTarget).min(1),
  logging: z.strictObject({
    cloudWatch: z.strictObject({ retentionDays: z.int() }),
    s3: z.strictObject({ keyPrefix: z.string() }),
  }),
  onPremises: z
    .strictObject({
      /** One of `targets`. */
      account: z.string(),
      region: z.string(),
      registrationLimit: z.int(),
      /** RFC 3339, decided once when the activation is made or rotated. */
      expirationDate: z.string(),
    })
    .nullable(),
  extraStatements: z.array(policyStatement),
});
export type EnvironmentArguments = z.infer<typeof environmentArguments>;

/** Arguments of the foundation program: one stack per account and region. */
export const foundationArguments = z.strictObject({
  access: accountAccess,
  /** The account's first foundation makes what exists once per account: roles, policies, the trail. */
  ownsAccount: z.boolean(),
  hostManagement: z.strictObject({ mode: z.enum(["quick-setup", "none"]), targets: z.literal("all") }),
  sessionPreferences: z.strictObject({
    idleTimeoutMinutes: z.int(),
    /** `null`: no limit. */
    maxSessionMinutes: z.int().nullable(),
    /** Name of the existing `SSM-SessionManagerRunShell` document. */
    importId,
  }),
  logArchive: z.strictObject({
    logGroupName: z.string(),
    bucketName: z.string(),
    retentionDays: z.int(),
    /** Bucket name, log group name, id of the KMS key. */
    bucketImportId: importId,
    logGroupImportId: importId,
    keyImportId: importId,
  }),
  notifications: z
    .strictObject({
      emails: z.array(z.string()),
      /** Name of an existing trail that logs management events; `null` makes one (or uses the account's first). */
      trail: z.string().nullable(),
    })
    .nullable(),
  activationTier: z.enum(["none", "standard", "advanced"]),
});
export type FoundationArguments = z.infer<typeof foundationArguments>;

/** Outputs of the environment program. */
export interface EnvironmentOutputs {
  groupId: string;
  permissionSetArn: string;
  /** The AWS access portal where people sign in. */
  portalUrl: string;
  targets: {
    account: string;
    region: string;
    sessionDocument: string;
    logGroup: string;
    startSessionCommand: string;
  }[];
  /** Present with `onPremises`; the code is a secret. */
  activation?: { id: string; code: string; expirationDate: string };
}

/** Outputs of the foundation program: what environments record of it. */
export interface FoundationOutputs {
  bucketName: string;
  archiveKeyArn: string;
  logGroupName: string;
  nodeRoleName: string;
  preferencesDocument: string;
  notificationTopicArn: string | null;
}
