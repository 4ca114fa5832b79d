/** One client per service, account and region, made when it is first needed, kept, and closed together. */
import { CloudControlClient } from "@aws-sdk/client-cloudcontrol";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { IdentitystoreClient } from "@aws-sdk/client-identitystore";
import { KMSClient } from "@aws-sdk/client-kms";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { SSOAdminClient } from "@aws-sdk/client-sso-admin";
import { STSClient } from "@aws-sdk/client-sts";
import type { Scope } from "../provider.ts";
import type { Asked } from "../read-error.ts";
import type { ClientSettings, Service } from "./client-settings.ts";
import type { AccountCredentials, CredentialProvider } from "./credentials.ts";
import { isCode, readErrorOf } from "./failures.ts";

interface Connection extends ClientSettings {
  region: string;
  credentials: CredentialProvider;
}

/** The clients of each service by account and region, and the way to ask by them. */
export interface AwsClients {
  cloudcontrol: (scope: Scope) => CloudControlClient;
  cloudtrail: (scope: Scope) => CloudTrailClient;
  ec2: (scope: Scope) => EC2Client;
  iam: (scope: Scope) => IAMClient;
  identitystore: (scope: Scope) => IdentitystoreClient;
  kms: (scope: Scope) => KMSClient;
  logs: (scope: Scope) => CloudWatchLogsClient;
  organizations: (scope: Scope) => OrganizationsClient;
  s3: (scope: Scope) => S3Client;
  ssm: (scope: Scope) => SSMClient;
  ssoAdmin: (scope: Scope) => SSOAdminClient;
  sts: (scope: Scope) => STSClient;
  /** ARN of the role that asks; `null`: the process itself. */
  role: (scope: Scope) => string | null;
  /**
   * Asks, and gives the answer, or `null` where AWS answers with one of the codes by which it says "there is none".
   *
   * @throws CloudReadError
   */
  ask<Answer>(
    question: Pick<Asked, "action" | "scope"> & { none?: readonly string[] },
    call: () => Promise<Answer>,
  ): Promise<Answer | null>;
  close(): void;
}

/** Nothing is asked, and no client made, before somebody needs one. */
export const createAwsClients = (
  { credentials, role }: AccountCredentials,
  settings: (service: Service, region: string) => ClientSettings,
): AwsClients => {
  const closing: (() => void)[] = [];
  const perPlace = <Client extends { destroy: () => void }>(
    service: Service,
    make: (connection: Connection) => Client,
  ): ((scope: Scope) => Client) => {
    const kept = new Map<string, Client>();
    return (scope) => {
      const place = `${scope.account} ${scope.region}`;
      const known = kept.get(place);
      if (known !== undefined) return known;
      const { region } = scope;
      const made = make({ ...settings(service, region), region, credentials: credentials(scope) });
      kept.set(place, made);
      closing.push(() => made.destroy());
      return made;
    };
  };
  return {
    cloudcontrol: perPlace("cloudcontrol", (connection) => new CloudControlClient(connection)),
    cloudtrail: perPlace("cloudtrail", (connection) => new CloudTrailClient(connection)),
    ec2: perPlace("ec2", (connection) => new EC2Client(connection)),
    iam: perPlace("iam", (connection) => new IAMClient(connection)),
    identitystore: perPlace("identitystore", (connection) => new IdentitystoreClient(connection)),
    kms: perPlace("kms", (connection) => new KMSClient(connection)),
    logs: perPlace("logs", (connection) => new CloudWatchLogsClient(connection)),
    organizations: perPlace("organizations", (connection) => new OrganizationsClient(connection)),
    // Elsewhere than at AWS a bucket's name is no host name; at AWS the client goes where the bucket is.
    s3: perPlace(
      "s3",
      (connection) =>
        new S3Client({ ...connection, forcePathStyle: connection.endpoint !== undefined, followRegionRedirects: true }),
    ),
    ssm: perPlace("ssm", (connection) => new SSMClient(connection)),
    ssoAdmin: perPlace("sso-admin", (connection) => new SSOAdminClient(connection)),
    sts: perPlace("sts", (connection) => new STSClient(connection)),
    role,
    ask: async ({ action, scope, none = [] }, call) => {
      try {
        return await call();
      } catch (error) {
        if (isCode(error, none)) return null;
        throw readErrorOf(error, { action, scope, role: role(scope) });
      }
    },
    close: () => {
      for (const close of closing.splice(0)) close();
    },
  };
};
