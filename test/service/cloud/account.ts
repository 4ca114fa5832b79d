/** A simulated account of its own for a test file, with a clock and ids that tests hold in their hands. */
import type { JsonObject } from "../../../service/domain/json.ts";
import type { ResourceProvider, Scope } from "../../../service/cloud/provider.ts";
import { identityCenterInstance } from "../../../service/cloud/simulated/identity-center-instance.ts";
import type { SimulatedAccount } from "../../../service/cloud/simulated/simulated-account.ts";
import { resourceType } from "../../../service/cloud/simulated/types/all-types.ts";
import { simulatedProvider } from "../../../service/cloud/simulated/simulated-provider.ts";
import { createTestDatabase } from "../../support/database.ts";

export const target: Scope = { account: "111122223333", region: "ap-southeast-1" };
export const home: Scope = { account: "999988887777", region: "us-east-1" };
export const instance = identityCenterInstance(home);

export interface TestAccount {
  account: SimulatedAccount;
  provider: ResourceProvider;
  clock: { now: Date };
  /** Empties the account. */
  clear: () => Promise<void>;
  drop: () => Promise<void>;
}

export const createTestAccount = async (): Promise<TestAccount> => {
  const database = await createTestDatabase();
  const clock = { now: new Date("2026-10-01T12:00:00.000Z") };
  let made = 0;
  const account: SimulatedAccount = {
    pool: database.pool,
    identityCenter: home,
    now: () => clock.now,
    newId: () => {
      made += 1;
      return (made * 2654435761).toString(16).padStart(16, "0");
    },
  };
  return {
    account,
    provider: simulatedProvider(account),
    clock,
    clear: async () => {
      await database.pool.query("TRUNCATE simulated_aws.resources, simulated_aws.calls, simulated_aws.faults");
    },
    drop: database.drop,
  };
};

/** Inputs as the account keeps them: with the name that was made where none was given. */
export const asKept = (token: string, inputs: JsonObject, outputs: JsonObject): JsonObject => {
  const { named } = resourceType(token);
  const name = named === undefined ? undefined : outputs[named];
  return named === undefined || name === undefined ? inputs : { ...inputs, [named]: name };
};

const statement = (more: JsonObject): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...more }] });

/** An IAM policy for people and roles. */
export const identityPolicy = (action = "ssm:StartSession"): string => statement({ Action: action, Resource: "*" });

/** A role's trust policy. */
export const trustPolicy = (service = "ssm.amazonaws.com"): string =>
  statement({ Principal: { Service: service }, Action: "sts:AssumeRole" });

/** A key's policy: the account administers it, and the services may use it. */
export const keyPolicy = (account: string, ...services: string[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" },
      ...services.map((service) => ({
        Effect: "Allow",
        Principal: { Service: service },
        Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
        Resource: "*",
      })),
    ],
  });

/** A bucket's policy that lets CloudTrail in. */
export const trailBucketPolicy = (bucket: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:GetBucketAcl",
        Resource: `arn:aws:s3:::${bucket}`,
      },
      {
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: `arn:aws:s3:::${bucket}/*`,
      },
    ],
  });

/** Content of a session document. */
export const sessionContent = (inputs: JsonObject = {}): string =>
  JSON.stringify({
    schemaVersion: "1.0",
    description: "Sessions",
    sessionType: "Standard_Stream",
    inputs: {
      s3EncryptionEnabled: true,
      cloudWatchEncryptionEnabled: true,
      cloudWatchStreamingEnabled: true,
      runAsEnabled: false,
      idleSessionTimeout: "20",
      ...inputs,
    },
  });
