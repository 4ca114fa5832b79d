import { parseJson } from "../../support/pulumi-mocks.ts";
import { account, region, runProduction, target } from "./production.ts";

const types = {
  key: "aws:kms/key:Key",
  alias: "aws:kms/alias:Alias",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  document: "aws:ssm/document:Document",
  policy: "aws:iam/policy:Policy",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
};
const component = `session-logging-${account}-${region}`;
const cloudOnly = { onPremises: null };

describe("SessionLogging", () => {
  it("holds everything of one account and region, through that account's provider", async () => {
    const { registrations, find } = await runProduction(cloudOnly);
    const made = registrations.filter(({ type }) => Object.values(types).includes(type));
    expect(made).toHaveLength(6);
    for (const registration of made) {
      expect(registration).toMatchObject({ parent: component, provider: `account-${account}` });
    }
    for (const type of [types.key, types.alias, types.logGroup, types.document]) {
      expect(find(type).inputs["region"]).toBe(region);
    }
    expect(find("gatehouse:environment:SessionLogging", component).custom).toBe(false);
  });

  it("encrypts the log group with a key of its own, which rotates", async () => {
    const { find } = await runProduction(cloudOnly);
    expect(find(types.key).inputs["enableKeyRotation"]).toBe(true);
    expect(find(types.alias).inputs).toMatchObject({
      name: "alias/gatehouse/production",
      targetKeyId: `id-of-${component}-key`,
    });
    expect(find(types.logGroup).inputs).toEqual({
      region,
      name: "/gatehouse/sessions/production",
      retentionInDays: 365,
      kmsKeyId: `arn:aws:kms:::key/${component}-key`,
    });
  });

  it("keeps log group, key and alias in the account when the stack lets them go", async () => {
    const { registrations } = await runProduction();
    const kept = registrations
      .filter(({ retainOnDelete, type }) => retainOnDelete && !type.includes("user"))
      .map(({ type }) => type);
    expect(kept.sort()).toEqual([types.logGroup, types.alias, types.key].sort());
  });

  it("sends shell sessions to the log group and the folder of the environment", async () => {
    const { find } = await runProduction(cloudOnly);
    const document = find(types.document);
    expect(document.inputs).toMatchObject({
      name: "Gatehouse-production",
      documentType: "Session",
      documentFormat: "JSON",
    });
    expect(parseJson(document.inputs["content"])).toEqual({
      schemaVersion: "1.0",
      description: "Shell sessions of production",
      sessionType: "Standard_Stream",
      inputs: {
        s3BucketName: "session-logs",
        s3KeyPrefix: "production/",
        s3EncryptionEnabled: true,
        cloudWatchLogGroupName: "/gatehouse/sessions/production",
        cloudWatchEncryptionEnabled: true,
        cloudWatchStreamingEnabled: true,
        kmsKeyId: `arn:aws:kms:::key/${component}-key`,
        runAsEnabled: false,
        runAsDefaultUser: "",
        idleSessionTimeout: "20",
        maxSessionDuration: "60",
        shellProfile: { linux: "", windows: "" },
      },
    });
    expect(document.dependencies).toContain(`${component}-log-group`);
  });

  it("makes no session document where nobody starts shells", async () => {
    const { all } = await runProduction({ ...cloudOnly, sessionDocuments: ["port-forwarding"] });
    expect(all(types.document)).toEqual([]);
    expect(all(types.logGroup)).toHaveLength(1);
  });

  it("lets the account's nodes write there and nowhere else", async () => {
    const { find } = await runProduction(cloudOnly);
    const policy = find(types.policy);
    expect(policy.inputs["name"]).toBe("GatehouseSessionLogs-production-ap-southeast-1");
    const text = JSON.stringify(parseJson(policy.inputs["policy"]));
    expect(text).toContain("arn:aws:s3:::session-logs/production/*");
    expect(text).toContain("log-group:/gatehouse/sessions/production:*");
    expect(text).toContain(`arn:aws:kms:::key/${component}-key`);
    expect(text).toContain("arn:aws:kms:ap-southeast-1:111122223333:key/archive");
    expect(find(types.attachment).inputs).toEqual({
      role: "AmazonSSMRoleForInstancesQuickSetup",
      policyArn: `arn:aws:iam:::policy/${component}-node-log-policy`,
    });
  });

  it("takes a key over together with its alias", async () => {
    const { find } = await runProduction({
      ...cloudOnly,
      targets: [{ ...target(), keyImportId: "1234-abcd", logGroupImportId: "/gatehouse/sessions/production" }],
    });
    expect(find(types.key).importId).toBe("1234-abcd");
    expect(find(types.alias).importId).toBe("alias/gatehouse/production");
    expect(find(types.logGroup).importId).toBe("/gatehouse/sessions/production");
  });

  it("imports nothing otherwise", async () => {
    const { registrations } = await runProduction();
    expect(registrations.filter(({ importId }) => importId !== null)).toEqual([]);
  });

  it("is there once per account and region, and a new target leaves the others as they are", async () => {
    const before = await runProduction(cloudOnly);
    const after = await runProduction({
      ...cloudOnly,
      targets: [target({ account: "444455556666" }), target({ region: "us-east-1" }), target()],
    });
    expect(after.all("gatehouse:environment:SessionLogging")).toHaveLength(3);
    for (const registration of before.registrations) {
      const same = after.find(registration.type, registration.name);
      // The policy's reach grows; that is all.
      if (registration.name !== "inline-policy") expect(same).toEqual(registration);
    }
    const policyNames = after
      .all(types.policy)
      .map(({ inputs, provider }) => `${String(provider)} ${JSON.stringify(inputs["name"])}`);
    expect(new Set(policyNames).size).toBe(3);
  });
});
