/**
 * Answers of AWS in the shapes of the API references: "Response Syntax" and "Examples" of each operation in the references of
 * IAM Identity Center, Identity Store, Organizations, STS, IAM, S3, Systems Manager, CloudWatch Logs, KMS and CloudTrail.
 * Ids are made up.
 */
import type { AwsAnswer } from "./aws-server.ts";

export const instanceArn = "arn:aws:sso:::instance/ssoins-7223b02dc17c2d46";
export const identityStoreId = "d-9967700abc";
export const managementAccount = "999988887777";

export const instances = (...owners: string[]): AwsAnswer => ({
  body: {
    Instances: owners.map((OwnerAccountId, index) => ({
      InstanceArn: index === 0 ? instanceArn : `${instanceArn}${index}`,
      IdentityStoreId: index === 0 ? identityStoreId : `${identityStoreId}${index}`,
      OwnerAccountId,
      Status: "ACTIVE",
      CreatedDate: 1_700_000_000,
    })),
  },
});

export const organization: AwsAnswer = {
  body: {
    Organization: {
      Id: "o-exampleorgid",
      Arn: `arn:aws:organizations::${managementAccount}:organization/o-exampleorgid`,
      FeatureSet: "ALL",
      MasterAccountArn: `arn:aws:organizations::${managementAccount}:account/o-exampleorgid/${managementAccount}`,
      MasterAccountId: managementAccount,
      MasterAccountEmail: "root@example.com",
    },
  },
};

export const callerIdentity = (account: string): AwsAnswer => ({
  body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
    <Arn>arn:aws:sts::${account}:assumed-role/GatehouseTarget/gatehouse</Arn><UserId>AROAEXAMPLE:gatehouse</UserId>
    <Account>${account}</Account></GetCallerIdentityResult>
    <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
});

/** @param expires RFC 3339 */
export const assumedRole = (accessKeyId: string, expires: string): AwsAnswer => ({
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/GatehouseTarget/gatehouse</Arn>
    <AssumedRoleId>AROAEXAMPLE:gatehouse</AssumedRoleId></AssumedRoleUser>
    <Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
    <SessionToken>token</SessionToken><Expiration>${expires}</Expiration></Credentials></AssumeRoleResult>
    <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>`,
});

export const regions = (...names: string[]): AwsAnswer => ({
  body: `<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><regionInfo>${names
    .map(
      (name) =>
        `<item><regionName>${name}</regionName><regionEndpoint>ec2.${name}.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item>`,
    )
    .join("")}</regionInfo></DescribeRegionsResponse>`,
});

export const role = (name: string): AwsAnswer => ({
  body: `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path>
    <Arn>arn:aws:iam::111122223333:role/${name}</Arn><RoleName>${name}</RoleName><RoleId>AROAEXAMPLE</RoleId>
    <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>`,
});

export const policy = (arn: string): AwsAnswer => ({
  body: `<GetPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetPolicyResult><Policy><Arn>${arn}</Arn>
    <PolicyId>ANPAEXAMPLE</PolicyId><AttachmentCount>1</AttachmentCount></Policy></GetPolicyResult></GetPolicyResponse>`,
});

export const buckets = (found: readonly { name: string; region: string }[], token?: string): AwsAnswer => ({
  body: `<?xml version="1.0" encoding="UTF-8"?><ListAllMyBucketsResult><Buckets>${found
    .map(
      ({ name, region }) =>
        `<Bucket><Name>${name}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate><BucketRegion>${region}</BucketRegion></Bucket>`,
    )
    .join(
      "",
    )}</Buckets>${token === undefined ? "" : `<ContinuationToken>${token}</ContinuationToken>`}</ListAllMyBucketsResult>`,
});
