import type { CloudReader } from "../../../../service/cloud/reader.ts";
import { buckets, identityStoreId, instanceArn, policy, role } from "./answers.ts";
import { createAwsWorld, home, target, withIdentityCenter, type AwsWorld } from "./world.ts";

describe("the reader of AWS", () => {
  let world: AwsWorld;
  let reader: CloudReader;

  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => {
    world.server.clear();
    reader = world.connect().reader;
    withIdentityCenter(world.server);
  });
  afterAll(() => world.close());

  const groupId = "b8a1c340-8031-7071-a2fb-7dc540320c30";
  const inTarget = (id: string) => ({ id, importId: `${id}@${target.region}` });

  it("finds a group and a person by name, with the ids that Pulumi imports by", async () => {
    world.server.on("GetGroupId", { body: { GroupId: groupId, IdentityStoreId: identityStoreId } });
    world.server.on("GetUserId", { body: { UserId: groupId, IdentityStoreId: identityStoreId } });
    const importId = `${identityStoreId}/${groupId}`;
    expect(await reader.findGroup("ProductionAccess")).toEqual({ groupId, id: importId, importId });
    expect(await reader.findUser("testuser01")).toEqual({ userId: groupId, id: importId, importId });
    expect(world.server.requests.at(-1)).toMatchObject({
      region: home.region,
      input: {
        IdentityStoreId: identityStoreId,
        AlternateIdentifier: { UniqueAttribute: { AttributePath: "userName", AttributeValue: "testuser01" } },
      },
    });
  });

  it("finds a permission set by name over all pages, and asks for no name twice", async () => {
    const arn = (name: string) => `arn:aws:sso:::permissionSet/ssoins-7223b02dc17c2d46/ps-${name}`;
    const pages = () =>
      world.server.on(
        "ListPermissionSets",
        { body: { PermissionSets: [arn("one"), arn("two")], NextToken: "more" } },
        { body: { PermissionSets: [arn("three")] } },
      );
    world.server.on("DescribePermissionSet", ({ input }) => ({
      body: { PermissionSet: { Name: String(input["PermissionSetArn"]).split("ps-")[1], SessionDuration: "PT1H" } },
    }));
    pages();
    const id = `${arn("three")},${instanceArn}`;
    expect(await reader.findPermissionSet("three")).toEqual({ arn: arn("three"), id, importId: id });
    pages();
    expect(await reader.findPermissionSet("four")).toBeNull();
    const asked = world.server.operations();
    expect(asked.filter((operation) => operation === "DescribePermissionSet")).toHaveLength(3);
    expect(world.server.requests.find(({ input }) => input["NextToken"] === "more")).toBeDefined();
  });

  it("takes a permission set that went between listing and asking for none", async () => {
    world.server.on("ListPermissionSets", { body: { PermissionSets: ["arn:aws:sso:::permissionSet/a/ps-1"] } });
    world.server.on("DescribePermissionSet", { error: "ResourceNotFoundException" });
    expect(await reader.findPermissionSet("gone")).toBeNull();
  });

  it("finds a log group among those of the same beginning, on a later page", async () => {
    const name = "/gatehouse/sessions/production";
    world.server.on(
      "DescribeLogGroups",
      { body: { logGroups: [{ logGroupName: `${name}-old` }], nextToken: "more" } },
      { body: { logGroups: [{ logGroupName: name, retentionInDays: 365 }] } },
    );
    expect(await reader.findLogGroup(target, name)).toEqual(inTarget(name));
    world.server.on("DescribeLogGroups", { body: { logGroups: [{ logGroupName: `${name}-old` }] } });
    expect(await reader.findLogGroup(target, name)).toBeNull();
  });

  it("finds documents, keys, trails, roles and policies", async () => {
    const arn = "arn:aws:cloudtrail:ap-southeast-1:111122223333:trail/management-events";
    const policyArn = "arn:aws:iam::111122223333:policy/SessionManagerLogPolicy";
    world.server.on("DescribeDocument", { body: { Document: { Name: "SSM-SessionManagerRunShell" } } });
    world.server.on("DescribeKey", { body: { KeyMetadata: { KeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" } } });
    world.server.on("DescribeTrails", { body: { trailList: [{ Name: "management-events", TrailARN: arn }] } });
    world.server.on("GetRole", role("GatehouseNodeRole"));
    world.server.on("GetPolicy", policy(policyArn));
    expect(await reader.findDocument(target, "SSM-SessionManagerRunShell")).toEqual(
      inTarget("SSM-SessionManagerRunShell"),
    );
    expect(await reader.findKey(target, "alias/gatehouse/production")).toEqual({
      keyId: "1234abcd-12ab-34cd-56ef-1234567890ab",
      pendingDeletion: false,
      ...inTarget("1234abcd-12ab-34cd-56ef-1234567890ab"),
    });
    const going = { KeyId: "1234abcd", KeyState: "PendingDeletion", DeletionDate: 1_795_000_000 };
    world.server.on("DescribeKey", { body: { KeyMetadata: going } });
    expect(await reader.findKey(target, "alias/gatehouse/production")).toMatchObject({ pendingDeletion: true });
    expect(await reader.findTrail(target, "management-events")).toEqual({ arn });
    expect(await reader.findRole(target, "GatehouseNodeRole")).toMatchObject({ importId: "GatehouseNodeRole" });
    expect(await reader.findPolicy(target, "SessionManagerLogPolicy")).toMatchObject({ importId: policyArn });
    expect(world.server.requests.at(-1)?.input).toMatchObject({ PolicyArn: policyArn });
  });

  it("finds what has no client of its own by Cloud Control, by its ARN", async () => {
    const described = (type: string) => ({ body: { TypeName: type, ResourceDescription: { Identifier: "x" } } });
    const topic = "arn:aws:sns:ap-southeast-1:111122223333:gatehouse-session-activity";
    world.server.on("GetResource", described("AWS::SNS::Topic"), described("AWS::Events::Rule"));
    expect(await reader.findTopic(target, "gatehouse-session-activity")).toMatchObject({ id: topic });
    expect(await reader.findEventRule(target, "gatehouse-session-activity")).toMatchObject({
      id: "gatehouse-session-activity",
    });
    expect(
      world.server.requests.map(({ service, input }) => [service, input["TypeName"], input["Identifier"]]),
    ).toEqual([
      ["cloudcontrolapi", "AWS::SNS::Topic", topic],
      ["cloudcontrolapi", "AWS::Events::Rule", topic.replace(":sns:", ":events:").replace("3:g", "3:rule/g")],
    ]);
  });

  it("finds a group's assignments in the accounts that are asked for, over their pages", async () => {
    const page = (PrincipalId: string, NextToken?: string) => ({
      body: { AccountAssignments: [{ PrincipalType: "GROUP", PrincipalId }], NextToken },
    });
    world.server.on("ListAccountAssignments", page("g-other", "more"), page("g-1"), page("g-other"));
    expect([...(await reader.findAssignments("arn:ps", "g-1", [target.account]))]).toEqual([
      [
        target.account,
        expect.objectContaining({ id: `g-1,GROUP,${target.account},AWS_ACCOUNT,arn:ps,${instanceArn}` }),
      ],
    ]);
    expect((await reader.findAssignments("arn:ps", "g-1", [target.account])).size).toBe(0);
  });

  it.each([
    ["GetUserId", "ResourceNotFoundException", () => reader.findUserByEmail("x@example.com")],
    ["GetGroupMembershipId", "ResourceNotFoundException", () => reader.findMembership("g", "u")],
    ["GetInstanceProfile", "NoSuchEntity", () => reader.findInstanceProfile(target, "x")],
    ["GetResource", "ResourceNotFoundException", () => reader.findTopic(target, "x")],
    ["GetResource", "ResourceNotFoundException", () => reader.findEventRule(target, "x")],
    ["GetGroupId", "ResourceNotFoundException", () => reader.findGroup("x")],
    ["GetUserId", "ResourceNotFoundException", () => reader.findUser("x")],
    ["DescribeDocument", "InvalidDocument", () => reader.findDocument(target, "x")],
    ["DescribeKey", "NotFoundException", () => reader.findKey(target, "alias/x")],
    ["GetRole", "NoSuchEntity", () => reader.findRole(target, "x")],
    ["GetPolicy", "NoSuchEntity", () => reader.findPolicy(target, "x")],
    ["GetServiceSetting", "ServiceSettingNotFound", () => reader.findServiceSetting(target, "/ssm/x")],
  ])("takes %s with %s for: there is none", async (operation, error, ask) => {
    world.server.on(operation, { error, status: error === "NoSuchEntity" ? 404 : 400 });
    expect(await ask()).toBeNull();
  });

  it("tells the account's own bucket by the list, over its pages, with where it is", async () => {
    world.server.on(
      "ListBuckets",
      buckets([{ name: "session-logs-old", region: target.region }], "more"),
      buckets([{ name: "session-logs", region: "eu-west-1" }]),
    );
    expect(await reader.findBucket(target, "session-logs")).toEqual({
      owned: true,
      region: "eu-west-1",
      id: "session-logs",
      importId: "session-logs@eu-west-1",
    });
    expect(world.server.operations()).toEqual(["ListBuckets", "ListBuckets"]);
  });

  it.each([
    [404, null],
    [403, { owned: false }],
    [301, { owned: false }],
    [200, { owned: false }],
  ])("takes a %s for a bucket that is not in the list", async (status, expected) => {
    world.server.on("ListBuckets", buckets([]));
    world.server.on("HeadBucket", { body: "", status });
    const found = await reader.findBucket(target, "session-logs");
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });

  it("tells the setting in force, and whether somebody set it", async () => {
    const setting = (Status: string) => ({ body: { ServiceSetting: { SettingValue: "advanced", Status } } });
    world.server.on("GetServiceSetting", setting("Customized"), setting("Default"));
    const ask = () => reader.findServiceSetting(target, "/ssm/managed-instance/activation-tier");
    expect(await ask()).toEqual({ value: "advanced", customized: true });
    expect(await ask()).toEqual({ value: "advanced", customized: false });
  });

  it("looks into nobody's directory where there is no Identity Center", async () => {
    world.server.on("ListInstances", { body: { Instances: [] } });
    expect([await reader.findGroup("x"), await reader.findUser("x"), await reader.findPermissionSet("x")]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
