import type { FoundationArguments } from "../../../stacks/arguments.ts";
import { runStack } from "../../support/pulumi-mocks.ts";
import type { StackRun, Values } from "../../support/pulumi-mocks.ts";

export const account = "111122223333";
export const region = "ap-southeast-1";
export const keyArn = `arn:aws:kms:${region}:${account}:key/archive`;

/** The reference's foundation: quick setup, no notifications, no tier; the first one of its account. */
export const foundationArguments = (changes: Partial<FoundationArguments> = {}): FoundationArguments => ({
  access: { account, region, roleArn: null },
  ownsAccount: true,
  hostManagement: { mode: "quick-setup", targets: "all" },
  sessionPreferences: { idleTimeoutMinutes: 20, maxSessionMinutes: 60, importId: null },
  logArchive: {
    logGroupName: "SessionManagerLogGroup",
    bucketName: "session-manager-log-bucket123",
    retentionDays: 365,
    bucketImportId: null,
    logGroupImportId: null,
    keyImportId: null,
  },
  notifications: null,
  activationTier: "none",
  ...changes,
});

const name = (inputs: Values): string => (typeof inputs["name"] === "string" ? inputs["name"] : "");

const computed = (type: string, _name: string, inputs: Values): Values => {
  if (type === "aws:kms/key:Key") return { arn: keyArn, keyId: "archive" };
  if (type === "aws:sns/topic:Topic") return { arn: `arn:aws:sns:${region}:${account}:${name(inputs)}` };
  if (type === "aws:iam/policy:Policy") return { arn: `arn:aws:iam::${account}:policy/${name(inputs)}` };
  return {};
};

/** Runs the foundation program with these arguments over the reference's. */
export const runFoundation = async (changes: Partial<FoundationArguments> = {}): Promise<StackRun> => {
  const { foundation } = await import("../../../stacks/foundation/program.ts");
  return runStack(() => foundation(foundationArguments(changes)), { resource: computed });
};

/** What people would see of a run: each resource's inputs by type and name. */
export const inputsByName = (run: StackRun): Record<string, Values> =>
  Object.fromEntries(run.registrations.map(({ type, name, inputs }) => [`${type} ${name}`, inputs]));
