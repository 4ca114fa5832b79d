import type { AccessReader } from "../../../../service/cloud/access-reader.ts";
import { identityStoreId, instanceArn } from "./answers.ts";
import { seconds } from "./node-answers.ts";
import { createAwsWorld, home, target, withIdentityCenter, type AwsWorld } from "./world.ts";

const arn = "arn:aws:sso:::permissionSet/ssoins-7223b02dc17c2d46/ps-0123456789abcdef";

describe("the access reader of AWS", () => {
  let world: AwsWorld;
  let reader: AccessReader;

  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => {
    world.server.clear();
    reader = world.connect().accessReader;
    withIdentityCenter(world.server);
  });
  afterAll(() => world.close());

  describe("in Identity Center", () => {
    const membership = (UserId: string) => ({ MembershipId: `m-${UserId}`, MemberId: { UserId } });

    it("tells a group's people over all pages; who was deleted meanwhile is not among them", async () => {
      world.server.on(
        "ListGroupMemberships",
        { body: { GroupMemberships: [membership("u-1"), membership("u-2")], NextToken: "more" } },
        { body: { GroupMemberships: [membership("u-3")] } },
      );
      world.server.on("DescribeUser", ({ input }) =>
        input["UserId"] === "u-2"
          ? { error: "ResourceNotFoundException" }
          : { body: { UserId: input["UserId"], UserName: `name of ${String(input["UserId"])}` } },
      );
      expect(await reader.groupMembers("g-1")).toEqual([
        { userId: "u-1", userName: "name of u-1" },
        { userId: "u-3", userName: "name of u-3" },
      ]);
      expect(world.server.requests.at(-1)).toMatchObject({
        region: home.region,
        input: { IdentityStoreId: identityStoreId },
      });
    });

    it("tells a permission set with its tags over all pages, and what AWS does not say of it", async () => {
      world.server.on("DescribePermissionSet", {
        body: { PermissionSet: { Name: "Production", PermissionSetArn: arn } },
      });
      world.server.on(
        "ListTagsForResource",
        { body: { Tags: [{ Key: "team", Value: "platform" }], NextToken: "more" } },
        { body: { Tags: [{ Key: "stage", Value: "production" }] } },
      );
      expect(await reader.permissionSet(arn)).toEqual({
        name: "Production",
        description: null,
        sessionDuration: "PT1H",
        relayState: null,
        tags: { team: "platform", stage: "production" },
      });
      expect(world.server.requests.at(-1)?.input).toMatchObject({ InstanceArn: instanceArn, ResourceArn: arn });
    });

    it("tells the inline policy, and an empty one as none", async () => {
      world.server.on(
        "GetInlinePolicyForPermissionSet",
        { body: { InlinePolicy: "{}" } },
        { body: { InlinePolicy: "" } },
      );
      expect([await reader.inlinePolicy(arn), await reader.inlinePolicy(arn)]).toEqual(["{}", null]);
    });

    it("tells what is attached to a permission set, of AWS's and of each account's own, over all pages of both lists", async () => {
      world.server.on(
        "ListManagedPoliciesInPermissionSet",
        { body: { AttachedManagedPolicies: [{ Arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }], NextToken: "more" } },
        { body: { AttachedManagedPolicies: [{ Arn: "arn:aws:iam::aws:policy/job-function/Billing" }] } },
      );
      world.server.on(
        "ListCustomerManagedPolicyReferencesInPermissionSet",
        { body: { CustomerManagedPolicyReferences: [{ Name: "own" }], NextToken: "more" } },
        { body: { CustomerManagedPolicyReferences: [{ Name: "other", Path: "/team/" }] } },
      );
      expect(await reader.attachedToPermissionSet(arn)).toEqual([
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/job-function/Billing",
        "/own",
        "/team/other",
      ]);
    });

    it("tells the permissions boundary, of AWS's or of each account's own, and none", async () => {
      const managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
      world.server.on(
        "GetPermissionsBoundaryForPermissionSet",
        { body: { PermissionsBoundary: { ManagedPolicyArn: managed } } },
        { body: { PermissionsBoundary: { CustomerManagedPolicyReference: { Name: "Limit", Path: "/team/" } } } },
        { error: "ResourceNotFoundException" },
      );
      const ask = () => reader.permissionsBoundary(arn);
      expect([await ask(), await ask(), await ask()]).toEqual([managed, "/team/Limit", null]);
    });

    it("tells the assignments of every account, over all pages of both lists", async () => {
      world.server.on(
        "ListAccountsForProvisionedPermissionSet",
        { body: { AccountIds: ["111122223333"], NextToken: "more" } },
        { body: { AccountIds: ["444455556666"] } },
      );
      const assignment = (AccountId: unknown, PrincipalType: string, PrincipalId: string) => ({
        AccountId,
        PermissionSetArn: arn,
        PrincipalType,
        PrincipalId,
      });
      world.server.on("ListAccountAssignments", ({ input: { AccountId, NextToken } }) => {
        if (AccountId === "444455556666")
          return { body: { AccountAssignments: [assignment(AccountId, "USER", "u-1")] } };
        return NextToken === undefined
          ? { body: { AccountAssignments: [assignment(AccountId, "GROUP", "g-1")], NextToken: "more" } }
          : { body: { AccountAssignments: [assignment(AccountId, "GROUP", "g-2")] } };
      });
      expect(await reader.assignments(arn)).toEqual([
        { account: "111122223333", principalType: "GROUP", principalId: "g-1" },
        { account: "111122223333", principalType: "GROUP", principalId: "g-2" },
        { account: "444455556666", principalType: "USER", principalId: "u-1" },
      ]);
    });

    it.each([
      ["ListGroupMemberships", () => reader.groupMembers("g-1"), null],
      ["DescribePermissionSet", () => reader.permissionSet(arn), null],
      ["GetInlinePolicyForPermissionSet", () => reader.inlinePolicy(arn), null],
      ["ListAccountsForProvisionedPermissionSet", () => reader.assignments(arn), []],
    ])("takes %s that finds nothing for: there is none", async (operation, ask, none) => {
      world.server.on(operation, { error: "ResourceNotFoundException" });
      expect(await ask()).toEqual(none);
    });

    it("has nobody where there is no Identity Center", async () => {
      world.server.on("ListInstances", { body: { Instances: [] } });
      expect(
        await Promise.all([
          reader.groupMembers("g-1"),
          reader.permissionSet(arn),
          reader.inlinePolicy(arn),
          reader.assignments(arn),
        ]),
      ).toEqual([null, null, null, []]);
    });
  });

  describe("of sessions", () => {
    const session = (id: string, start: string, more: Record<string, unknown> = {}) => ({
      SessionId: id,
      Target: "i-0one",
      Status: "Connected",
      StartDate: seconds(start),
      DocumentName: "Gatehouse-production",
      Owner: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Production_0f1e2d3c4b5a6978/testuser01",
      ...more,
    });

    it("tells them newest first over all pages; what runs has no end, and what never began ends where it started", async () => {
      world.server.on(
        "DescribeSessions",
        { body: { Sessions: [session("one", "2026-11-22T10:00:00Z")], NextToken: "more" } },
        { body: { Sessions: [session("two", "2026-11-22T11:00:00Z")] } },
        {
          body: {
            Sessions: [
              session("three", "2026-11-21T10:00:00Z", {
                EndDate: seconds("2026-11-21T10:30:00Z"),
                Status: "Terminated",
              }),
              session("four", "2026-11-21T09:00:00Z", { Status: "Failed" }),
            ],
          },
        },
      );
      expect(await reader.sessions(target, "active")).toEqual(
        [
          ["two", "2026-11-22T11:00:00.000Z"],
          ["one", "2026-11-22T10:00:00.000Z"],
        ].map(([id, startedAt]) => ({
          id,
          owner: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Production_0f1e2d3c4b5a6978/testuser01",
          target: "i-0one",
          documentName: "Gatehouse-production",
          startedAt,
          endedAt: null,
        })),
      );
      expect((await reader.sessions(target, "history")).map(({ id, endedAt }) => [id, endedAt])).toEqual([
        ["three", "2026-11-21T10:30:00.000Z"],
        ["four", "2026-11-21T09:00:00.000Z"],
      ]);
      expect(world.server.requests.map(({ input }) => input["State"])).toEqual(["Active", "Active", "History"]);
    });

    it("tells what their document says, and refuses to understand what is no JSON", async () => {
      const content = { schemaVersion: "1.0", inputs: { idleSessionTimeout: "20" } };
      world.server.on(
        "GetDocument",
        { body: { Name: "x", Content: JSON.stringify(content), DocumentFormat: "JSON" } },
        { error: "InvalidDocument" },
        { body: { Name: "x", Content: "schemaVersion: 1.0" } },
      );
      expect(await reader.sessionDocument(target, "x")).toEqual(content);
      expect(await reader.sessionDocument(target, "x")).toBeNull();
      await expect(reader.sessionDocument(target, "x")).rejects.toMatchObject({
        failure: "aws_failed",
        asked: { action: "ssm:GetDocument", scope: target },
      });
    });

    it("finds the log stream of exactly the name, on a later page; none where the group is gone", async () => {
      world.server.on(
        "DescribeLogStreams",
        { body: { logStreams: [{ logStreamName: "testuser01-0b" }], nextToken: "more" } },
        { body: { logStreams: [{ logStreamName: "testuser01-0" }] } },
        { body: { logStreams: [{ logStreamName: "testuser01-0b" }] } },
        { error: "ResourceNotFoundException" },
      );
      const ask = () => reader.hasLogStream(target, "/gatehouse/sessions/production", "testuser01-0");
      expect([await ask(), await ask(), await ask()]).toEqual([true, false, false]);
    });

    it("sees by the bucket's list that an object is there, and reads none", async () => {
      const list = (...keys: string[]) => ({
        body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
          <KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${keys
            .map((key) => `<Contents><Key>${key}</Key><Size>7</Size></Contents>`)
            .join("")}</ListBucketResult>`,
      });
      world.server.on("ListObjectsV2", list("a/b.log"), list("a/b.log.gz"), list(), {
        error: "NoSuchBucket",
        status: 404,
      });
      const ask = () => reader.hasObject(target, "session-logs", "a/b.log");
      expect([await ask(), await ask(), await ask(), await ask()]).toEqual([true, false, false, false]);
      expect(world.server.requests[0]?.input).toMatchObject({ prefix: "a/b.log", "max-keys": "1" });
    });
  });

  it("names action and role where AWS refuses", async () => {
    world.server.on("DescribeSessions", { error: "AccessDeniedException", message: "not you" });
    await expect(reader.sessions(target, "active")).rejects.toMatchObject({
      failure: "access_denied",
      code: "AccessDeniedException",
      asked: { action: "ssm:DescribeSessions", scope: target, role: null },
    });
  });
});
