import { programs, runProgram } from "../../../stacks/programs.ts";
import { account, production, region, runProduction, target } from "./production.ts";

describe("the environment program", () => {
  it("says what exists, where to sign in and how to start a session", async () => {
    const { outputs, secretOutputs } = await runProduction();
    expect(outputs).toEqual({
      groupId: "group-id",
      permissionSetArn: "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
      portalUrl: "https://d-1234567890.awsapps.com/start",
      targets: [
        {
          account,
          region,
          logGroup: "/gatehouse/sessions/production",
          sessionDocument: "Gatehouse-production",
          startSessionCommand:
            "aws ssm start-session --target <instance-id> --document-name Gatehouse-production --region ap-southeast-1",
        },
      ],
      activation: { id: "activation-id", code: "activation-code", expirationDate: "2026-12-01T00:00:00Z" },
    });
    expect(secretOutputs).toEqual(["activation.code"]);
  });

  it("changes only policy and activation when the tag changes", async () => {
    const before = await runProduction();
    const after = await runProduction({ tag: { key: "stage", value: "live" } });
    const changed = before.registrations.filter(
      (registration) =>
        JSON.stringify(after.find(registration.type, registration.name)) !== JSON.stringify(registration),
    );
    expect(changed.map(({ name }) => name)).toEqual(["inline-policy", `on-premises-${account}-activation`]);
    expect(after.registrations).toHaveLength(before.registrations.length);
  });

  it("changes nothing when it runs again", async () => {
    const byName = (left: { urn: string }, right: { urn: string }) => left.urn.localeCompare(right.urn);
    const [first, second] = [await runProduction(), await runProduction()];
    expect([...second.registrations].sort(byName)).toEqual([...first.registrations].sort(byName));
  });

  it("uses one provider per account, in a region that no target decides", async () => {
    const targets = [
      target(),
      target({ region: "us-east-1" }),
      target({ account: "444455556666", region: "us-east-1" }),
    ];
    const providers = (await runProduction({ targets })).all("pulumi:providers:aws");
    expect(providers.map(({ name }) => name).sort()).toEqual([
      "account-111122223333",
      "account-444455556666",
      "identity-center",
    ]);
    expect(new Set(providers.map(({ inputs }) => inputs["region"]))).toEqual(new Set(["eu-west-1"]));
  });

  it("works through explicit providers only", async () => {
    const { registrations } = await runProduction();
    const made = registrations.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
    expect(made.length).toBeGreaterThan(10);
    expect(made.filter(({ provider }) => provider === null || provider.startsWith("default"))).toEqual([]);
  });
});

describe("runProgram", () => {
  it("names every argument that is wrong", async () => {
    await expect(runProgram("environment", { ...production(), targets: [], name: 7 })).rejects.toThrow(
      /not valid:[^]*name[^]*targets|not valid:[^]*targets[^]*name/,
    );
  });

  it("parses the arguments that it is given", () => {
    expect(programs.environment.schema.parse(production())).toEqual(production());
    expect(() => programs.foundation.schema.parse(production())).toThrow();
  });
});
