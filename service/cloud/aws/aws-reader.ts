/**
 * The reader of real accounts, on the AWS SDK. Import ids as the provider's pages give them ("Import" of each resource in the
 * Pulumi AWS package): `<identity store>/<group or user>`, `<permission set>,<instance>`, names, the id of a key, the ARN of a
 * policy. Behind those of a region stands `@<region>`: without it the provider would look in its own region, which is Identity
 * Center's for an environment (Terraform AWS provider, "Enhanced Region Support", which v7 of the Pulumi package carries).
 */
import { GetResourceCommand } from "@aws-sdk/client-cloudcontrol";
import { DescribeTrailsCommand } from "@aws-sdk/client-cloudtrail";
import { paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { GetInstanceProfileCommand, GetPolicyCommand, GetRoleCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { DescribeDocumentCommand, GetServiceSettingCommand } from "@aws-sdk/client-ssm";
import { partitionOf } from "../../domain/regions.ts";
import type { Scope } from "../provider.ts";
import type { CloudReader, Found, IdentityCenterInstance } from "../reader.ts";
import { findIdentities } from "./find-identities.ts";
import { findBucketOnAws } from "./buckets.ts";
import type { AwsClients } from "./clients.ts";
import { findQuickSetupsOnAws } from "./find-quick-setup.ts";
import { isPendingDeletion } from "./keys.ts";
import { noSuchEntity, resourceNotFound } from "./failures.ts";

/** What the reader asks by. */
interface AwsReaderOptions {
  clients: AwsClients;
  /** The instance of Identity Center; looked up when it is first needed. `null`: there is none. */
  identityCenter: () => Promise<IdentityCenterInstance | null>;
  /** The account to which the credentials for this one lead. */
  callerAccount: (scope: Scope) => Promise<string>;
}

const regionalArn = (service: string, resource: string, { account, region }: Scope): string =>
  `arn:${partitionOf(region) ?? "aws"}:${service}:${region}:${account}:${resource}`;

const regional = (id: string, { region }: Scope): Found => ({ id, importId: `${id}@${region}` });

/** The reader of all accounts that the clients have credentials for. */
export const createAwsReader = ({ clients, identityCenter, callerAccount }: AwsReaderOptions): CloudReader => {
  /** By its ARN, which Cloud Control knows it by: the services' own APIs have no client here. */
  const exists = async (scope: Scope, type: string, arn: string): Promise<boolean> => {
    const answer = await clients.ask({ action: "cloudformation:GetResource", scope, none: resourceNotFound }, () =>
      clients.cloudcontrol(scope).send(new GetResourceCommand({ TypeName: type, Identifier: arn })),
    );
    return answer !== null;
  };

  return {
    identityCenter,
    callerAccount,
    ...findIdentities(clients, identityCenter),

    // AWS looks up by prefix, so others may come first.
    findLogGroup: (scope, name) =>
      clients.ask({ action: "logs:DescribeLogGroups", scope }, async () => {
        const pages = paginateDescribeLogGroups({ client: clients.logs(scope) }, { logGroupNamePrefix: name });
        for await (const page of pages)
          if (page.logGroups?.some(({ logGroupName }) => logGroupName === name) === true) return regional(name, scope);
        return null;
      }),

    findDocument: async (scope, name) => {
      const answer = await clients.ask({ action: "ssm:DescribeDocument", scope, none: ["InvalidDocument"] }, () =>
        clients.ssm(scope).send(new DescribeDocumentCommand({ Name: name })),
      );
      return answer === null ? null : regional(name, scope);
    },

    findKey: async (scope, alias) => {
      const answer = await clients.ask({ action: "kms:DescribeKey", scope, none: ["NotFoundException"] }, () =>
        clients.kms(scope).send(new DescribeKeyCommand({ KeyId: alias })),
      );
      const key = answer?.KeyMetadata;
      if (key?.KeyId === undefined) return null;
      return { keyId: key.KeyId, pendingDeletion: isPendingDeletion(key), ...regional(key.KeyId, scope) };
    },

    findBucket: async (scope, name) => {
      const bucket = await findBucketOnAws(clients, scope, name);
      return bucket === null
        ? null
        : { ...bucket, ...regional(name, { ...scope, region: bucket.region ?? scope.region }) };
    },

    // A trail of another region that covers this one is shown here too, under the ARN of its home.
    findTrail: async (scope, name) => {
      const answer = await clients.ask(
        { action: "cloudtrail:DescribeTrails", scope, none: ["TrailNotFoundException"] },
        () =>
          clients
            .cloudtrail(scope)
            .send(new DescribeTrailsCommand({ trailNameList: [name], includeShadowTrails: true })),
      );
      const arn = answer?.trailList?.find(({ Name }) => Name === name)?.TrailARN;
      return arn === undefined ? null : { arn };
    },

    findRole: async (scope, name) => {
      const answer = await clients.ask({ action: "iam:GetRole", scope, none: noSuchEntity }, () =>
        clients.iam(scope).send(new GetRoleCommand({ RoleName: name })),
      );
      return answer === null ? null : { id: name, importId: name };
    },

    findPolicy: async (scope, name) => {
      const arn = `arn:${partitionOf(scope.region) ?? "aws"}:iam::${scope.account}:policy/${name}`;
      const answer = await clients.ask({ action: "iam:GetPolicy", scope, none: noSuchEntity }, () =>
        clients.iam(scope).send(new GetPolicyCommand({ PolicyArn: arn })),
      );
      return answer === null ? null : { id: arn, importId: arn };
    },

    findInstanceProfile: async (scope, name) => {
      const answer = await clients.ask({ action: "iam:GetInstanceProfile", scope, none: noSuchEntity }, () =>
        clients.iam(scope).send(new GetInstanceProfileCommand({ InstanceProfileName: name })),
      );
      return answer === null ? null : { id: name, importId: name };
    },

    findTopic: async (scope, name) => {
      const arn = regionalArn("sns", name, scope);
      return (await exists(scope, "AWS::SNS::Topic", arn)) ? { id: arn, importId: arn } : null;
    },

    findEventRule: async (scope, name) =>
      (await exists(scope, "AWS::Events::Rule", regionalArn("events", `rule/${name}`, scope)))
        ? regional(name, scope)
        : null,

    findQuickSetups: async (scope, name) =>
      (await findQuickSetupsOnAws(clients, scope, name)).map(({ arn }) => ({ id: arn, importId: arn })),

    findServiceSetting: async (scope, settingId) => {
      const answer = await clients.ask(
        { action: "ssm:GetServiceSetting", scope, none: ["ServiceSettingNotFound"] },
        () => clients.ssm(scope).send(new GetServiceSettingCommand({ SettingId: settingId })),
      );
      const setting = answer?.ServiceSetting;
      if (setting?.SettingValue === undefined) return null;
      return { value: setting.SettingValue, customized: setting.Status !== "Default" };
    },
  };
};
