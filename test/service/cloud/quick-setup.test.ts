import { addResource, listResources } from "../../../service/cloud/simulated/out-of-band.ts";
import { createTestAccount, identityPolicy, target } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { build, quickSetupSample } from "./samples.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const manager = quickSetupSample.type;
const elsewhere = { ...target, region: "eu-west-1" };

/** Names of what AWS made: those of roles, or of associations. */
const madeByAws = async (type: string, region?: string): Promise<string[]> =>
  (await listResources(test.account, { type, ...(region === undefined ? {} : { region }) }))
    .filter(({ origin }) => origin === "aws")
    .map(({ id, outputs }) => (outputs["associationName"] as string | undefined) ?? id)
    .sort();

const roles = () => madeByAws("aws:iam/role:Role");
const associations = (region?: string) => madeByAws("aws:ssm/association:Association", region);

const setUp = async () => {
  const { inputs } = await build(test, quickSetupSample);
  return { inputs, first: await test.provider.create(manager, "hosts", inputs, target) };
};

it("makes AWS's four roles and six associations, as the reference lists them", async () => {
  const { first } = await setUp();
  const guid = first.id.slice(-12);
  expect(await roles()).toEqual([
    `AWS-QuickSetup-HostMgmtRole-ap-southeast-1-${guid}`,
    "AWS-QuickSetup-SSM-RoleForEnablingExplorer",
    "AWSServiceRoleForAmazonSSM",
    "AmazonSSMRoleForInstancesQuickSetup",
  ]);
  expect(await associations()).toEqual([
    "AWS-QuickSetup-SSM-EnableExplorer",
    `AWS-QuickSetup-SSMHostMgmt-AttachIAMToInstance-${guid}`,
    `AWS-QuickSetup-SSMHostMgmt-CollectInventory-${guid}`,
    `AWS-QuickSetup-SSMHostMgmt-EnableExplorer-${guid}`,
    `AWS-QuickSetup-SSMHostMgmt-ScanForPatches-${guid}`,
    `AWS-QuickSetup-SSMHostMgmt-UpdateSSMAgent-${guid}`,
  ]);
});

it("needs its administration and execution roles first", async () => {
  const { inputs } = await build(test, quickSetupSample);
  await test.provider.delete("aws:iam/role:Role", "AWS-QuickSetup-LocalExecutionRole", target);
  await expect(test.provider.create(manager, "hosts", inputs, target)).rejects.toThrow(
    /LocalExecutionRole does not exist/,
  );
});

it("shares the account's roles between regions, and removes them with the last", async () => {
  const { inputs, first } = await setUp();
  const second = await test.provider.create(manager, "hosts", inputs, elsewhere);
  expect(await roles()).toHaveLength(5);
  expect(await associations()).toHaveLength(12);
  await test.provider.delete(manager, first.id, target);
  expect(await roles()).toHaveLength(4);
  expect(await associations(target.region)).toEqual([]);
  expect(await associations(elsewhere.region)).toHaveLength(6);
  await test.provider.delete(manager, second.id, elsewhere);
  expect(await roles()).toEqual([]);
  expect((await listResources(test.account)).map(({ origin }) => origin)).toEqual(["provider", "provider"]);
});

it("lets policies be attached to the nodes' role by name, and leaves a role that still has one", async () => {
  const { first } = await setUp();
  const role = "AmazonSSMRoleForInstancesQuickSetup";
  const { id: policyArn } = await addResource(
    test.account,
    "aws:iam/policy:Policy",
    { name: "logs", policy: identityPolicy() },
    target,
  );
  const { id } = await test.provider.create(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "logs",
    { role, policyArn },
    target,
  );
  await test.provider.delete(manager, first.id, target);
  expect(await roles()).toEqual([role]);
  await test.provider.delete("aws:iam/rolePolicyAttachment:RolePolicyAttachment", id, target);
});

it("refuses another kind of setup and parameters that host management does not have", async () => {
  const { inputs } = await build(test, quickSetupSample);
  const definition = { ...(inputs["configurationDefinition"] as Record<string, string>) };
  const reasons = (change: Record<string, unknown>) =>
    test.provider
      .check(
        manager,
        { ...inputs, configurationDefinition: JSON.parse(JSON.stringify({ ...definition, ...change })) },
        target,
      )
      .map(({ reason }) => reason);
  expect(reasons({})).toEqual([]);
  expect(reasons({ type: "AWSQuickSetupType-PatchPolicy" })[0]).toMatch(/SSMHostMgmt/);
  expect(reasons({ parameters: { Colour: "blue", TargetRegions: "a" } })[0]).toMatch(/Colour/);
  expect(reasons({ parameters: {} })[0]).toMatch(/TargetRegions/);
});
