import type { EnvironmentArguments, EnvironmentMember, EnvironmentTarget } from "../../../stacks/arguments.ts";
import { environment } from "../../../stacks/environment/program.ts";
import { runStack, type MockAnswers, type StackRun, type Values } from "../../support/pulumi-mocks.ts";

export const account = "111122223333";
export const region = "ap-southeast-1";
export const identityRegion = "eu-west-1";

export const target = (overrides: Partial<EnvironmentTarget["access"]> = {}): EnvironmentTarget => ({
  access: { account, region, roleArn: null, ...overrides },
  foundation: {
    bucketName: "session-logs",
    archiveKeyArn: "arn:aws:kms:ap-southeast-1:111122223333:key/archive",
    nodeRoleName: "AmazonSSMRoleForInstancesQuickSetup",
    idleTimeoutMinutes: 20,
    maxSessionMinutes: 60,
  },
  logGroupImportId: null,
  keyImportId: null,
});

export const member = (userName: string, overrides: Partial<NonNullable<EnvironmentMember["user"]>> = {}) => ({
  userName,
  user: {
    email: `${userName}@example.com`,
    givenName: "Test",
    familyName: "User",
    retain: true,
    importId: null,
    ...overrides,
  },
});

/** The guide's production environment, on premises too. */
export const production = (overrides: Partial<EnvironmentArguments> = {}): EnvironmentArguments => ({
  name: "production",
  tag: { key: "project", value: "Production" },
  identityCenter: { account: "999988887777", region: identityRegion, roleArn: null },
  group: { name: "ProductionAccess", description: "All production servers", source: "identity-center", importId: null },
  members: [member("testuser01")],
  permissionSet: {
    name: "ProductionPermissionSet",
    description: "Sessions on production servers",
    sessionDuration: "PT1H",
    relayState: null,
    tags: { Name: "ProductionAccess" },
    importId: null,
  },
  policyProfile: "hardened",
  sessionDocuments: ["shell"],
  targets: [target()],
  logging: { cloudWatch: { retentionDays: 365 }, s3: { keyPrefix: "production/" } },
  onPremises: { account, region, registrationLimit: 10, expirationDate: "2026-12-01T00:00:00Z" },
  extraStatements: [],
  ...overrides,
});

const computed: Record<string, (name: string, inputs: Values) => Values> = {
  "aws:identitystore/group:Group": () => ({ groupId: "group-id" }),
  "aws:identitystore/user:User": (_name, { userName }) => ({
    userId: typeof userName === "string" ? `id-of-${userName}` : null,
  }),
  "aws:ssoadmin/permissionSet:PermissionSet": () => ({ arn: "arn:aws:sso:::permissionSet/ssoins-1/ps-1" }),
  "aws:kms/key:Key": (name) => ({ arn: `arn:aws:kms:::key/${name}`, keyId: `id-of-${name}` }),
  "aws:iam/policy:Policy": (name) => ({ arn: `arn:aws:iam:::policy/${name}` }),
  "aws:ssm/activation:Activation": () => ({ id: "activation-id", activationCode: "activation-code" }),
};

const calls: Record<string, Values> = {
  "aws:ssoadmin/getInstances:getInstances": {
    arns: ["arn:aws:sso:::instance/ssoins-1"],
    identityStoreIds: ["d-1234567890"],
  },
  "aws:identitystore/getGroup:getGroup": { groupId: "external-group-id" },
  "aws:identitystore/getUser:getUser": { userId: "existing-user-id" },
};

const answers: MockAnswers = {
  resource: (type, name, inputs) => computed[type]?.(name, inputs) ?? {},
  call: (token) => calls[token] ?? {},
};

/** Runs the environment program for production with what differs. */
export const runProduction = (
  overrides: Partial<EnvironmentArguments> = {},
  other: Partial<MockAnswers> = {},
): Promise<StackRun> => runStack(() => environment(production(overrides)), { ...answers, ...other });
