import type { JsonObject } from "../../../service/domain/json.ts";
import { addResource, editResource, listCalls } from "../../../service/cloud/simulated/out-of-band.ts";
import { text } from "../../../service/cloud/simulated/resource-type.ts";
import { simulatedReader } from "../../../service/cloud/simulated/simulated-reader.ts";
import { createTestAccount, home, instance, target } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { build, samples, scopeOf } from "./samples.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const { identityStoreId, instanceArn } = instance;
const invoke = (token: string, inputs: JsonObject, scope = home) => test.provider.invoke(`aws:${token}`, inputs, scope);
const byAttribute = (attributePath: string, attributeValue: string) => ({
  identityStoreId,
  alternateIdentifier: { uniqueAttribute: { attributePath, attributeValue } },
});

/** A sample that somebody made by hand. */
const byHand = async (type: string) => {
  const sample = samples.find((one) => one.type === `aws:${type}`)!;
  const { inputs } = await build(test, sample);
  return addResource(test.account, sample.type, inputs, scopeOf(sample.type));
};

describe("functions", () => {
  it("getInstances shows the instance at home and nothing elsewhere", async () => {
    expect(await invoke("ssoadmin/getInstances:getInstances", {})).toMatchObject({
      arns: [instanceArn],
      identityStoreIds: [identityStoreId],
    });
    expect(await invoke("ssoadmin/getInstances:getInstances", {}, target)).toMatchObject({
      arns: [],
      identityStoreIds: [],
    });
  });

  it("getGroup finds by name or id", async () => {
    const { outputs } = await byHand("identitystore/group:Group");
    const { groupId } = outputs;
    const found = await invoke("identitystore/getGroup:getGroup", byAttribute("DisplayName", "ProductionAccess"));
    expect(found).toMatchObject({ groupId, id: groupId, displayName: "ProductionAccess", description: "Production" });
    expect(await invoke("identitystore/getGroup:getGroup", { identityStoreId, groupId: groupId! })).toMatchObject({
      groupId,
    });
  });

  it("getUser finds by user name in any case, or by email", async () => {
    const { outputs } = await byHand("identitystore/user:User");
    const { userId } = outputs;
    expect(await invoke("identitystore/getUser:getUser", byAttribute("UserName", "TESTUSER01"))).toMatchObject({
      userId,
      emails: [{ value: "testuser01@example.com" }],
    });
    expect(
      await invoke("identitystore/getUser:getUser", byAttribute("emails.value", "testuser01@example.com")),
    ).toMatchObject({ userId });
  });

  it.each<[string, JsonObject, string]>([
    ["identitystore/getGroup:getGroup", byAttribute("DisplayName", "Nobody"), "ResourceNotFoundException"],
    ["identitystore/getUser:getUser", byAttribute("UserName", "nobody"), "ResourceNotFoundException"],
    ["identitystore/getUser:getUser", byAttribute("shoeSize", "42"), "ValidationException"],
    ["ec2/getAmi:getAmi", {}, "UnsupportedFunction"],
  ])("%s of what is not there", async (token, inputs, code) => {
    await expect(invoke(token, inputs)).rejects.toMatchObject({ code });
  });

  it("tells account and partition", async () => {
    expect(await invoke("index/getCallerIdentity:getCallerIdentity", {}, target)).toMatchObject({
      accountId: target.account,
    });
    expect(await invoke("index/getPartition:getPartition", {}, { ...target, region: "cn-north-1" })).toMatchObject({
      partition: "aws-cn",
      dnsSuffix: "amazonaws.com.cn",
    });
  });
});

describe("the reader", () => {
  const reader = () => simulatedReader(test.account);

  it("names Identity Center", async () => {
    expect(await reader().identityCenter()).toEqual(instance);
    expect(instance.instanceArn).toMatch(/^arn:aws:sso:::instance\/ssoins-[0-9a-f]{16}$/);
    expect(instance.identityStoreId).toMatch(/^d-[0-9a-f]{10}$/);
  });

  it("finds what exists by name, with the id that Pulumi imports it by", async () => {
    const group = await byHand("identitystore/group:Group");
    const user = await byHand("identitystore/user:User");
    const set = await byHand("ssoadmin/permissionSet:PermissionSet");
    const document = await byHand("ssm/document:Document");
    await byHand("cloudwatch/logGroup:LogGroup");
    const bucketAndTrail = await byHand("cloudtrail/trail:Trail");
    expect(await reader().findGroup("ProductionAccess")).toMatchObject({
      groupId: group.outputs["groupId"],
      importId: group.id,
    });
    expect(await reader().findUser("TestUser01")).toMatchObject({ userId: user.outputs["userId"], importId: user.id });
    expect(await reader().findUserByEmail("TestUser01@example.com")).toMatchObject({ importId: user.id });
    expect(await reader().findUserByEmail("nobody@example.com")).toBeNull();
    expect(await reader().findPermissionSet("ProductionPermissionSet")).toMatchObject({
      arn: set.outputs["arn"],
      importId: set.id,
    });
    expect(await reader().findDocument(target, "Gatehouse-production")).toMatchObject({
      importId: `${document.id}@${target.region}`,
    });
    expect(await reader().findLogGroup(target, "/gatehouse/sessions/production")).toMatchObject({
      importId: `/gatehouse/sessions/production@${target.region}`,
    });
    const bucket = "session-manager-log-bucket123";
    expect(await reader().findBucket(target, bucket)).toMatchObject({
      importId: `${bucket}@${target.region}`,
      owned: true,
    });
    expect(await reader().findBucket(home, bucket)).toMatchObject({ owned: false });
    // A trail of all regions is seen from each.
    expect(await reader().findTrail({ ...target, region: "eu-west-1" }, "gatehouse-management-events")).toMatchObject({
      arn: bucketAndTrail.id,
    });
  });

  it("finds what a program would make without being asked to", async () => {
    const profile = await byHand("iam/instanceProfile:InstanceProfile");
    const topic = await byHand("sns/topic:Topic");
    const rule = await byHand("cloudwatch/eventRule:EventRule");
    const manager = await byHand("ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager");
    const name = ({ outputs }: { outputs: JsonObject }): string => text(outputs, "name");
    expect(await reader().findInstanceProfile(target, name(profile))).toMatchObject({ id: profile.id });
    expect(await reader().findTopic(target, name(topic))).toMatchObject({ id: topic.id });
    expect(await reader().findEventRule(target, name(rule))).toMatchObject({ id: rule.id });
    expect(await reader().findQuickSetups(target, name(manager))).toMatchObject([{ id: manager.id }]);
    const elsewhere = { ...target, region: "eu-west-1" };
    expect(await reader().findTopic(elsewhere, name(topic))).toBeNull();
    expect(await reader().findEventRule(elsewhere, name(rule))).toBeNull();
    expect(await reader().findQuickSetups(target, "other")).toEqual([]);
  });

  it("finds who is in a group, and what the group is assigned", async () => {
    const { id, outputs } = await byHand("identitystore/groupMembership:GroupMembership");
    const [groupId, memberId] = [text(outputs, "groupId"), text(outputs, "memberId")];
    expect(await reader().findMembership(groupId, memberId)).toMatchObject({ importId: id });
    expect(await reader().findMembership(groupId, "nobody")).toBeNull();
    await test.clear();
    const assignment = await byHand("ssoadmin/accountAssignment:AccountAssignment");
    const part = (name: string): string => text(assignment.outputs, name);
    const ask = (group: string, accounts: string[]) =>
      reader().findAssignments(part("permissionSetArn"), group, accounts);
    expect([...(await ask(part("principalId"), [part("targetId"), "222233334444"]))]).toEqual([
      [part("targetId"), { id: assignment.id, importId: assignment.id }],
    ]);
    expect((await ask(part("principalId"), ["222233334444"])).size).toBe(0);
    expect((await ask("another", [part("targetId")])).size).toBe(0);
  });

  it("finds a key by its alias", async () => {
    const { outputs } = await byHand("kms/alias:Alias");
    expect(await reader().findKey(target, "alias/gatehouse/production")).toMatchObject({
      keyId: outputs["targetKeyId"],
      pendingDeletion: false,
    });
    const schedule = "UPDATE simulated_aws.resources SET deletion_date = now() WHERE type = 'aws:kms/key:Key'";
    await test.account.pool.query(schedule);
    expect(await reader().findKey(target, "alias/gatehouse/production")).toMatchObject({
      keyId: outputs["targetKeyId"],
      pendingDeletion: true,
    });
  });

  it("finds nothing in an empty account, in another region, or in the other case of a group", async () => {
    await byHand("identitystore/group:Group");
    await byHand("ssm/document:Document");
    expect(await reader().findGroup("productionaccess")).toBeNull();
    expect(await reader().findUser("nobody")).toBeNull();
    expect(await reader().findPermissionSet("Nothing")).toBeNull();
    expect(await reader().findDocument({ ...target, region: "eu-west-1" }, "Gatehouse-production")).toBeNull();
    expect(await reader().findLogGroup(target, "/nothing")).toBeNull();
    expect(await reader().findKey(target, "alias/nothing")).toBeNull();
    expect(await reader().findBucket(target, "nothing")).toBeNull();
    expect(await reader().findTrail(target, "nothing")).toBeNull();
  });
});

describe("what people do behind the provider's back", () => {
  it("is seen by reads, told by a diff, and not counted", async () => {
    const { id, outputs } = await byHand("ssoadmin/permissionSet:PermissionSet");
    const type = "aws:ssoadmin/permissionSet:PermissionSet";
    await editResource(test.account, type, id, { description: "by hand" }, home);
    const read = await test.provider.read(type, id, home);
    expect(read!.outputs).toEqual({ ...outputs, description: "by hand" });
    const wanted = samples.find((sample) => sample.type === type)!.inputs({});
    expect(test.provider.diff(type, read!.inputs, wanted, read!.outputs).changes).toEqual([
      { path: "description", from: "by hand", to: undefined, replaces: false },
    ]);
    expect(await listCalls(test.account)).toEqual([]);
  });
});
