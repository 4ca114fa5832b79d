import { CloudReadError } from "../../../../service/cloud/read-error.ts";
import { assumedRole, callerIdentity, role } from "./answers.ts";
import { createAwsWorld, target, type AwsWorld } from "./world.ts";

const roleArn = "arn:aws:iam::111122223333:role/GatehouseTarget";

const failure = async (ask: Promise<unknown>): Promise<CloudReadError> => {
  const error: unknown = await ask.catch((thrown: unknown) => thrown);
  if (error instanceof CloudReadError) return error;
  throw new Error("it was answered", { cause: error });
};

describe("credentials of accounts", () => {
  let world: AwsWorld;
  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => world.server.clear());
  afterAll(() => world.close());

  it("are the process's own without a target role", async () => {
    world.server.on("GetCallerIdentity", callerIdentity("444455556666"));
    expect(await world.connect().reader.callerAccount(target)).toBe("444455556666");
    expect(world.server.requests).toMatchObject([{ accessKeyId: "AKIAPROCESS", region: target.region }]);
  });

  it("are those of the account's role, assumed once for all that asks there", async () => {
    world.server.on("AssumeRole", assumedRole("ASIATARGET", "2026-11-22T13:00:00Z"));
    world.server.on("GetCallerIdentity", callerIdentity(target.account));
    world.server.on("GetRole", role("x"));
    const { reader } = world.connect({ targetRole: "GatehouseTarget" });
    expect(await Promise.all([reader.callerAccount(target), reader.findRole(target, "x")])).toMatchObject([
      target.account,
      { id: "x" },
    ]);
    const [assumed, ...asked] = world.server.requests;
    expect(assumed).toMatchObject({
      operation: "AssumeRole",
      accessKeyId: "AKIAPROCESS",
      input: { RoleArn: roleArn, RoleSessionName: "gatehouse" },
    });
    expect(asked.map(({ accessKeyId }) => accessKeyId)).toEqual(["ASIATARGET", "ASIATARGET"]);
  });

  it("are assumed anew shortly before they expire", async () => {
    world.clock.now = new Date("2026-11-22T12:00:00Z");
    world.server.on(
      "AssumeRole",
      assumedRole("ASIAONE", "2026-11-22T13:00:00Z"),
      assumedRole("ASIATWO", "2026-11-22T14:00:00Z"),
    );
    world.server.on("GetRole", role("x"));
    const { reader } = world.connect({ targetRole: "GatehouseTarget" });
    const used = async (now: string): Promise<string | undefined> => {
      world.clock.now = new Date(now);
      await reader.findRole({ ...target, region: `${now.slice(14, 16)}-region-1` }, "x");
      return world.server.requests.at(-1)?.accessKeyId;
    };
    expect(await used("2026-11-22T12:00:00Z")).toBe("ASIAONE");
    expect(await used("2026-11-22T12:54:00Z")).toBe("ASIAONE");
    expect(await used("2026-11-22T12:56:00Z")).toBe("ASIATWO");
  });

  it("that may not be assumed are told as such, and are asked for again", async () => {
    const message = `User: arn:aws:iam::999988887777:user/gatehouse is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    world.server.on(
      "AssumeRole",
      { error: "AccessDenied", message, status: 403 },
      assumedRole("ASIA", "2030-01-01T00:00:00Z"),
    );
    world.server.on("GetRole", role("x"));
    const { reader } = world.connect({ targetRole: "GatehouseTarget" });
    expect(await failure(reader.findRole(target, "x"))).toMatchObject({
      failure: "access_denied",
      code: "AccessDenied",
      message,
      asked: { action: "sts:AssumeRole", scope: target, role: null },
    });
    expect(await reader.findRole(target, "x")).toMatchObject({ id: "x" });
  });
});

describe("questions that AWS does not answer", () => {
  let world: AwsWorld;
  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => world.server.clear());
  afterAll(() => world.close());

  const ask = () => world.connect().reader.findServiceSetting(target, "/ssm/x");
  const asked = { action: "ssm:GetServiceSetting", scope: target, role: null };

  it.each([
    ["AccessDeniedException", "access_denied"],
    ["ExpiredTokenException", "credentials_invalid"],
    ["UnrecognizedClientException", "credentials_invalid"],
    ["ValidationException", "aws_failed"],
  ])("%s is told as %s, with the action, the place and the role", async (error, kind) => {
    world.server.on("GetServiceSetting", { error, message: "AWS's words" });
    expect(await failure(ask())).toMatchObject({ failure: kind, code: error, message: "AWS's words", asked });
    expect(world.server.requests).toHaveLength(1);
  });

  it("are asked again when AWS throttles or stumbles", async () => {
    world.server.on(
      "GetServiceSetting",
      { error: "ThrottlingException", message: "Rate exceeded" },
      { error: "InternalServerError", status: 500 },
      { body: { ServiceSetting: { SettingValue: "standard", Status: "Default" } } },
    );
    expect(await ask()).toEqual({ value: "standard", customized: false });
    expect(world.server.requests).toHaveLength(3);
  });

  it("are told as unreachable where nobody listens", async () => {
    const { reader } = world.connect({ endpoint: () => "http://127.0.0.1:1" });
    expect(await failure(reader.findServiceSetting(target, "/ssm/x"))).toMatchObject({
      failure: "aws_unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
      asked,
    });
  });

  it("are told as bad credentials where the process has none", async () => {
    const missing = () =>
      Promise.reject(Object.assign(new Error("Could not load credentials"), { name: "CredentialsProviderError" }));
    const { reader } = world.connect({ processCredentials: missing });
    expect(await failure(reader.findServiceSetting(target, "/ssm/x"))).toMatchObject({
      failure: "credentials_invalid",
      code: "CredentialsProviderError",
    });
  });
});

describe("readiness for AWS", () => {
  let world: AwsWorld;
  beforeAll(async () => {
    world = await createAwsWorld();
  });
  afterAll(() => world.close());

  it("says which account the credentials lead to, or what stands in the way, and asks once a minute", async () => {
    world.server.on(
      "GetCallerIdentity",
      { error: "ExpiredToken", message: "token of arn:aws:iam::1:user/x" },
      callerIdentity("111122223333"),
    );
    const aws = world.connect();
    expect(await aws.ready()).toEqual({
      ready: false,
      detail: expect.stringMatching(/^No credentials that AWS takes \(ExpiredToken\)/),
    });
    expect((await aws.ready()).ready).toBe(false);
    world.clock.now = new Date(world.clock.now.getTime() + 61_000);
    expect(await aws.ready()).toEqual({ ready: true, detail: "AWS takes the credentials: account 111122223333." });
    expect(world.server.operations()).toEqual(["GetCallerIdentity", "GetCallerIdentity"]);
  });
});
