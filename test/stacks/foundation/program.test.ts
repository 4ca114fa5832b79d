import fc from "../../support/properties.ts";
import type { FoundationArguments } from "../../../stacks/arguments.ts";
import type { StackRun } from "../../support/pulumi-mocks.ts";
import { account, foundationArguments, inputsByName, keyArn, region, runFoundation } from "./run-foundation.ts";

const settingType = "aws:ssm/serviceSetting:ServiceSetting";
const notifications = { emails: ["security@example.com"], trail: null };

/** Inputs that make AWS replace a resource when they change: names and places. */
const identity = (run: StackRun) =>
  run.registrations.map(({ type, name, inputs }) => {
    const { name: physicalName, bucket, region: where, settingId, endpoint } = inputs;
    return { type, name, physicalName, bucket, where, settingId, endpoint };
  });

describe("foundation program", () => {
  it("gives environments what they record of it", async () => {
    const run = await runFoundation();
    expect(run.outputs).toMatchObject({
      bucketName: "session-manager-log-bucket123",
      archiveKeyArn: keyArn,
      logGroupName: "SessionManagerLogGroup",
      nodeRoleName: "AmazonSSMRoleForInstancesQuickSetup",
      preferencesDocument: "SSM-SessionManagerRunShell",
    });
    expect(run.secretOutputs).toEqual([]);
  });

  it("works through one provider that refuses any other account", async () => {
    const roleArn = `arn:aws:iam::${account}:role/GatehouseTarget`;
    const run = await runFoundation({ access: { account, region, roleArn }, notifications });
    const providers = run.all("pulumi:providers:aws");
    expect(providers).toHaveLength(1);
    expect(JSON.stringify(providers[0]?.inputs)).toContain(roleArn);
    const resources = run.registrations.filter(({ type }) => type.startsWith("aws:"));
    expect(new Set(resources.map(({ provider }) => provider))).toEqual(new Set([`account-${account}`]));
  });

  it("makes the same resources, by the same names, every time it runs", async () => {
    const runs = [await runFoundation({ notifications }), await runFoundation({ notifications })];
    expect(inputsByName(runs[0]!)).toEqual(inputsByName(runs[1]!));
  });

  it.each<[string, Partial<FoundationArguments>]>([
    ["retention", { logArchive: { ...foundationArguments().logArchive, retentionDays: 30 } }],
    ["timeouts", { sessionPreferences: { idleTimeoutMinutes: 5, maxSessionMinutes: null, importId: null } }],
    ["a named trail", { notifications: { ...notifications, trail: "organization-trail" } }],
    ["an address", { notifications: { emails: ["security@example.com", "b@example.com"], trail: null } }],
    ["the tier", { activationTier: "advanced" }],
  ])("replaces nothing when this changes: %s", async (_what, changes) => {
    const before = identity(await runFoundation({ notifications }));
    const after = identity(await runFoundation({ notifications, ...changes }));
    const stays = before.filter(({ name }) => after.some((other) => other.name === name));
    expect(after).toEqual(expect.arrayContaining(stays));
  });

  it("leaves the region's tier alone unless it is asked for", async () => {
    expect((await runFoundation()).all(settingType)).toEqual([]);
  });

  it.each(["standard", "advanced"] as const)(
    "sets the %s tier by the setting's ARN, and never resets it",
    async (tier) => {
      const run = await runFoundation({ activationTier: tier });
      expect(run.find(settingType)).toMatchObject({ parent: "activation-tier", retainOnDelete: true });
      expect(run.find(settingType).inputs).toEqual({
        region,
        settingId: `arn:aws:ssm:${region}:${account}:servicesetting/ssm/managed-instance/activation-tier`,
        settingValue: tier,
      });
    },
  );

  it("has nothing that exists once per account in a later foundation, whatever it asks for", async () => {
    const asked = fc.record({
      hostManagement: fc.record({ mode: fc.constantFrom("quick-setup", "none"), targets: fc.constant("all") }),
      notifications: fc.option(fc.constant(notifications), { nil: null }),
      activationTier: fc.constantFrom("none", "standard", "advanced"),
    });
    await fc.assert(
      fc.asyncProperty(asked, async (changes) => {
        const run = await runFoundation({ ...(changes as Partial<FoundationArguments>), ownsAccount: false });
        const oncePerAccount = [
          "aws:iam/role:Role",
          "aws:iam/instanceProfile:InstanceProfile",
          "aws:cloudtrail/trail:Trail",
        ];
        expect(run.registrations.filter(({ type }) => oncePerAccount.includes(type))).toEqual([]);
        // IAM names are one namespace for all regions: what is left must carry the region in its name.
        for (const policy of run.all("aws:iam/policy:Policy")) expect(policy.inputs["name"]).toContain(region);
      }),
      { numRuns: 12 },
    );
  });
});
