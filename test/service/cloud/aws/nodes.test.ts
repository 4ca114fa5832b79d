import type { AccessReader } from "../../../../service/cloud/access-reader.ts";
import { attachedPolicies, describedInstances, describedTags, information, instanceProfile } from "./node-answers.ts";
import { createAwsWorld, target, type AwsWorld } from "./world.ts";

const profile = "arn:aws:iam::111122223333:instance-profile/path/NodeProfile";
const tag = { key: "project", value: "Production" };
const agent = { version: "3.3.2299.0", pingStatus: "online", lastPingAt: "2026-11-22T11:59:00.000Z" };

/** Whether a question to DescribeInstanceInformation is for servers on premises only. */
const asksForServers = (input: Record<string, unknown>): boolean => JSON.stringify(input).includes("ResourceType");

describe("nodes on AWS", () => {
  let world: AwsWorld;
  let reader: AccessReader;

  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => {
    world.server.clear();
    reader = world.connect().accessReader;
    world.server.on("DescribeInstanceInformation", { body: { InstanceInformationList: [] } });
  });
  afterAll(() => world.close());

  it("are those with the key in any case and exactly the value, over all pages, with agent and role", async () => {
    world.server.on(
      "DescribeTags",
      describedTags(
        [
          { resource: "i-0one", key: "Project", value: "Production" },
          { resource: "i-0other", key: "stage", value: "Production" },
        ],
        "more",
      ),
      describedTags([{ resource: "i-0two", key: "project", value: "Production" }]),
    );
    world.server.on(
      "DescribeInstances",
      describedInstances([{ id: "i-0two", tags: { project: "Production", Name: "two" }, profile }], "more"),
      describedInstances([{ id: "i-0one", state: "stopped", tags: { Project: "Production" } }]),
    );
    world.server.on("DescribeInstanceInformation", ({ input }) => ({
      body: { InstanceInformationList: asksForServers(input) ? [] : [information("i-0two")] },
    }));
    world.server.on("GetInstanceProfile", instanceProfile("NodeProfile", "GatehouseNodeRole"));
    expect(await reader.nodesWithTag(target, tag)).toEqual([
      {
        ...target,
        id: "i-0one",
        kind: "ec2",
        tags: { Project: "Production" },
        instanceState: "stopped",
        agent: null,
        role: null,
      },
      {
        ...target,
        id: "i-0two",
        kind: "ec2",
        tags: { project: "Production", Name: "two" },
        instanceState: "running",
        agent,
        role: "GatehouseNodeRole",
      },
    ]);
    expect(world.server.requests.find(({ operation }) => operation === "GetInstanceProfile")?.input).toMatchObject({
      InstanceProfileName: "NodeProfile",
    });
  });

  it("asks EC2 for a value with wildcards in it literally", async () => {
    world.server.on("DescribeTags", describedTags([{ resource: "i-0one", key: "project", value: "Pro-anything" }]));
    expect(await reader.nodesWithTag(target, { key: "project", value: "Pro*" })).toEqual([]);
    expect(Object.values(world.server.requests[0]?.input ?? {})).toContain(String.raw`Pro\*`);
  });

  it("are servers on premises by the tags that Systems Manager keeps of each", async () => {
    world.server.on("DescribeTags", describedTags([]));
    world.server.on(
      "DescribeInstanceInformation",
      { body: { InstanceInformationList: [information("mi-0a"), information("mi-0b")], NextToken: "more" } },
      {
        body: {
          InstanceInformationList: [
            information("mi-0c", { PingStatus: "ConnectionLost", IamRole: "service-role/GatehouseOnPremises" }),
          ],
        },
      },
    );
    world.server.on("ListTagsForResource", ({ input }) =>
      input["ResourceId"] === "mi-0b"
        ? { error: "InvalidResourceId" }
        : { body: { TagList: [{ Key: "PROJECT", Value: input["ResourceId"] === "mi-0c" ? "Production" : "Dev" }] } },
    );
    expect(await reader.nodesWithTag(target, tag)).toEqual([
      {
        ...target,
        id: "mi-0c",
        kind: "managed",
        tags: { PROJECT: "Production" },
        instanceState: null,
        agent: { ...agent, pingStatus: "connection_lost" },
        role: "GatehouseOnPremises",
      },
    ]);
  });

  it("have the role of default host management where Systems Manager tells one, and IAM is not asked then", async () => {
    world.server.on("DescribeInstances", describedInstances([{ id: "i-0one", profile }]));
    world.server.on("DescribeInstanceInformation", {
      body: {
        InstanceInformationList: [
          information("i-0one", { IamRole: "AWSSystemsManagerDefaultEC2InstanceManagementRole" }),
        ],
      },
    });
    expect(await reader.nodesById(target, ["i-0one"])).toMatchObject([
      { role: "AWSSystemsManagerDefaultEC2InstanceManagementRole" },
    ]);
    expect(world.server.operations()).not.toContain("GetInstanceProfile");
  });

  it("have no role by a profile that is empty or gone", async () => {
    world.server.on("DescribeInstances", describedInstances([{ id: "i-0one", profile }]));
    world.server.on("GetInstanceProfile", instanceProfile("NodeProfile"), { error: "NoSuchEntity", status: 404 });
    expect(await reader.nodesById(target, ["i-0one"])).toMatchObject([{ role: null }]);
    expect(await reader.nodesById(target, ["i-0one"])).toMatchObject([{ role: null }]);
  });

  it("are by id those that exist: 200 instances a question, and all of the region where AWS refuses an id", async () => {
    const ids = Array.from({ length: 201 }, (_, index) => `i-0${index}`);
    world.server.on("DescribeInstances", describedInstances([{ id: "i-01" }]), describedInstances([]));
    world.server.on("DescribeInstanceInformation", ({ input }) =>
      "Filters" in input
        ? { error: "InvalidInstanceId" }
        : { body: { InstanceInformationList: [information("i-01"), information("mi-0a"), information("mi-0b")] } },
    );
    world.server.on("ListTagsForResource", { body: { TagList: [] } });
    const found = await reader.nodesById(target, [...ids, "mi-0b"]);
    expect(found).toMatchObject([
      { id: "i-01", agent },
      { id: "mi-0b", agent },
    ]);
    expect(world.server.operations().filter((operation) => operation === "DescribeInstances")).toHaveLength(2);
  });

  it("asks nothing where there is nothing to ask for", async () => {
    expect(await reader.nodesById(target, [])).toEqual([]);
    expect(world.server.operations()).toEqual([]);
  });

  it("tells what is attached to a role, over all pages; null for a role that is not there", async () => {
    world.server.on(
      "ListAttachedRolePolicies",
      attachedPolicies(["AmazonSSMManagedInstanceCore"], "more"),
      attachedPolicies(["SessionManagerLogPolicy"]),
      { error: "NoSuchEntity", status: 404 },
    );
    expect(await reader.attachedPolicies(target, "GatehouseNodeRole")).toEqual([
      "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
      "arn:aws:iam::aws:policy/SessionManagerLogPolicy",
    ]);
    expect(await reader.attachedPolicies(target, "gone")).toBeNull();
  });
});
