import {
  callerIdentity,
  identityStoreId,
  instanceArn,
  instances,
  managementAccount,
  organization,
  regions,
} from "./answers.ts";
import { createAwsWorld, home, type AwsWorld } from "./world.ts";

const administrator = "444455556666";

describe("Identity Center on AWS", () => {
  let world: AwsWorld;
  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => {
    world.server.clear();
    world.server.on("DescribeOrganization", organization);
  });
  afterAll(() => world.close());

  it("is the organization's when the management account owns it, also for a delegated administrator", async () => {
    world.server.on("ListInstances", instances(managementAccount));
    const { reader } = world.connect({ identityCenter: { account: administrator, region: "us-east-1" } });
    expect(await reader.identityCenter()).toEqual({
      account: administrator,
      region: "us-east-1",
      instanceArn,
      identityStoreId,
      kind: "organization",
    });
  });

  it("is an account's own when a member account owns it, or there is no organization", async () => {
    world.server.on("ListInstances", instances(administrator));
    expect(await world.connect().reader.identityCenter()).toMatchObject({ kind: "account" });
    world.server.on("DescribeOrganization", { error: "AWSOrganizationsNotInUseException" });
    expect(await world.connect().reader.identityCenter()).toMatchObject({ kind: "account" });
  });

  it("is the organization's where an account sees both", async () => {
    world.server.on("ListInstances", instances(administrator, managementAccount));
    expect(await world.connect().reader.identityCenter()).toMatchObject({
      kind: "organization",
      instanceArn: `${instanceArn}1`,
    });
  });

  it("is worked with in its first region where it is copied to more", async () => {
    const primary = { InstanceArn: instanceArn, IdentityStoreId: identityStoreId, OwnerAccountId: managementAccount };
    world.server.on("ListInstances", { body: { Instances: [{ ...primary, PrimaryRegion: "eu-west-1" }] } });
    expect(await world.connect().reader.identityCenter()).toMatchObject({ region: "eu-west-1" });
  });

  it("is none while it is being made, and is looked for again then", async () => {
    const creating = { InstanceArn: instanceArn, IdentityStoreId: identityStoreId, Status: "CREATE_IN_PROGRESS" };
    world.server.on("ListInstances", { body: { Instances: [creating] } }, instances(managementAccount));
    const { reader } = world.connect();
    expect(await reader.identityCenter()).toBeNull();
    expect(await reader.identityCenter()).toMatchObject({ kind: "organization" });
    expect(await reader.identityCenter()).toMatchObject({ kind: "organization" });
    expect(world.server.operations().filter((operation) => operation === "ListInstances")).toHaveLength(2);
  });

  it("is looked for in the configured region only", async () => {
    world.server.on("ListInstances", { body: { Instances: [] } });
    expect(await world.connect().reader.identityCenter()).toBeNull();
    expect(world.server.requests.map(({ operation, region }) => [operation, region])).toEqual([
      ["ListInstances", home.region],
    ]);
  });

  it("is found in whichever enabled region it is where none is configured, in the account of the credentials", async () => {
    world.server.on("GetCallerIdentity", callerIdentity(administrator));
    world.server.on("DescribeRegions", regions("eu-central-1", "us-east-1", "eu-west-1"));
    world.server.on("ListInstances", ({ region }) =>
      region === "eu-west-1" ? instances(managementAccount) : { body: { Instances: [] } },
    );
    const { reader } = world.connect({ identityCenter: null });
    expect(await reader.identityCenter()).toMatchObject({
      account: administrator,
      region: "eu-west-1",
      kind: "organization",
    });
  });
});
