/** Answers about nodes in the shapes of the EC2, IAM and Systems Manager API references. Ids are made up. */
import type { AwsAnswer } from "./aws-server.ts";

const ec2 = (operation: string, content: string, token?: string): AwsAnswer => ({
  body: `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${content}${
    token === undefined ? "" : `<nextToken>${token}</nextToken>`
  }</${operation}Response>`,
});

interface Tag {
  resource: string;
  key: string;
  value: string;
}

/** EC2, DescribeTags. */
export const describedTags = (tags: readonly Tag[], token?: string): AwsAnswer =>
  ec2(
    "DescribeTags",
    `<tagSet>${tags
      .map(
        ({ resource, key, value }) =>
          `<item><resourceId>${resource}</resourceId><resourceType>instance</resourceType><key>${key}</key><value>${value}</value></item>`,
      )
      .join("")}</tagSet>`,
    token,
  );

export interface DescribedInstance {
  id: string;
  state?: string;
  tags?: Record<string, string>;
  /** ARN. */
  profile?: string;
}

const instance = ({ id, state = "running", tags = {}, profile }: DescribedInstance): string => {
  const tagSet = Object.entries(tags)
    .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
    .join("");
  const attached =
    profile === undefined ? "" : `<iamInstanceProfile><arn>${profile}</arn><id>AIPAEXAMPLE</id></iamInstanceProfile>`;
  return `<item><instanceId>${id}</instanceId><instanceState><code>16</code><name>${state}</name></instanceState>${attached}<tagSet>${tagSet}</tagSet></item>`;
};

/** EC2, DescribeInstances: each in a reservation of its own. */
export const describedInstances = (instances: readonly DescribedInstance[], token?: string): AwsAnswer =>
  ec2(
    "DescribeInstances",
    `<reservationSet>${instances
      .map((each) => `<item><reservationId>r-1</reservationId><instancesSet>${instance(each)}</instancesSet></item>`)
      .join("")}</reservationSet>`,
    token,
  );

/** IAM, GetInstanceProfile. */
export const instanceProfile = (name: string, ...roles: string[]): AwsAnswer => ({
  body: `<GetInstanceProfileResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetInstanceProfileResult><InstanceProfile>
    <InstanceProfileName>${name}</InstanceProfileName><InstanceProfileId>AIPAEXAMPLE</InstanceProfileId><Path>/</Path>
    <Arn>arn:aws:iam::111122223333:instance-profile/${name}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>
    <Roles>${roles
      .map(
        (role) =>
          `<member><RoleName>${role}</RoleName><RoleId>AROAEXAMPLE</RoleId><Path>/</Path><Arn>arn:aws:iam::111122223333:role/${role}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>`,
      )
      .join("")}</Roles></InstanceProfile></GetInstanceProfileResult></GetInstanceProfileResponse>`,
});

/** IAM, ListAttachedRolePolicies. */
export const attachedPolicies = (names: readonly string[], marker?: string): AwsAnswer => ({
  body: `<ListAttachedRolePoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAttachedRolePoliciesResult>
    <AttachedPolicies>${names
      .map(
        (name) =>
          `<member><PolicyName>${name}</PolicyName><PolicyArn>arn:aws:iam::aws:policy/${name}</PolicyArn></member>`,
      )
      .join("")}</AttachedPolicies><IsTruncated>${marker !== undefined}</IsTruncated>${
      marker === undefined ? "" : `<Marker>${marker}</Marker>`
    }</ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>`,
});

/** Seconds since 1970, as JSON 1.1 writes times. */
export const seconds = (time: string): number => Date.parse(time) / 1000;

/** Systems Manager, an element of DescribeInstanceInformation's InstanceInformationList. */
export const information = (InstanceId: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  InstanceId,
  PingStatus: "Online",
  LastPingDateTime: seconds("2026-11-22T11:59:00Z"),
  AgentVersion: "3.3.2299.0",
  PlatformType: "Linux",
  ResourceType: InstanceId.startsWith("mi-") ? "ManagedInstance" : "EC2Instance",
  ...more,
});
