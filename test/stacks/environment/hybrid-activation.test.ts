import { parseJson } from "../../support/pulumi-mocks.ts";
import { account, production, region, runProduction, target } from "./production.ts";

const role = "aws:iam/role:Role";
const attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const activation = "aws:ssm/activation:Activation";
const component = `on-premises-${account}`;

describe("HybridActivation", () => {
  it("is made with on-premises servers only", async () => {
    const { all, outputs } = await runProduction({ onPremises: null });
    expect(all(activation)).toEqual([]);
    expect(all(role)).toEqual([]);
    expect(outputs).not.toHaveProperty("activation");
  });

  it("carries the environment's tag, limit and expiry", async () => {
    const { find } = await runProduction();
    expect(find(activation)).toMatchObject({ parent: component, provider: `account-${account}` });
    expect(find(activation).inputs).toEqual({
      region,
      description: "On-premises servers of production",
      iamRole: "GatehouseOnPremises-production",
      registrationLimit: 10,
      expirationDate: "2026-12-01T00:00:00Z",
      tags: { project: "Production", "gatehouse:environment": "production" },
    });
  });

  it("waits until its role may do everything", async () => {
    const { find } = await runProduction();
    expect(find(activation).dependencies).toEqual(
      expect.arrayContaining([`${component}-role`, `${component}-core-attachment`, `${component}-log-attachment`]),
    );
  });

  it("gives servers what Systems Manager needs, and the right to write the environment's logs", async () => {
    const { find } = await runProduction();
    expect(find(attachment, `${component}-core-attachment`).inputs).toEqual({
      role: "GatehouseOnPremises-production",
      policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    });
    expect(find(attachment, `${component}-log-attachment`).inputs).toEqual({
      role: "GatehouseOnPremises-production",
      policyArn: `arn:aws:iam:::policy/session-logging-${account}-${region}-node-log-policy`,
    });
  });

  it("lets only Systems Manager of this account and region assume the role", async () => {
    const { find } = await runProduction();
    const [statement] = parseJson(find(role).inputs["assumeRolePolicy"])["Statement"] as object[];
    expect(statement).toMatchObject({
      Principal: { Service: "ssm.amazonaws.com" },
      Condition: {
        StringEquals: { "aws:SourceAccount": account },
        ArnLike: { "aws:SourceArn": `arn:aws:ssm:${region}:${account}:*` },
      },
    });
  });

  it("keeps the code secret, in the state and in the outputs", async () => {
    const { find, outputs, secretOutputs } = await runProduction();
    expect(find(activation).additionalSecretOutputs).toEqual(["activationCode"]);
    expect(outputs["activation"]).toEqual({
      id: "activation-id",
      code: "activation-code",
      expirationDate: "2026-12-01T00:00:00Z",
    });
    expect(secretOutputs).toContain("activation.code");
  });

  it("keeps the role when the region moves", async () => {
    const moved = await runProduction({
      targets: [target(), target({ region: "us-east-1" })],
      onPremises: { account, region: "us-east-1", registrationLimit: 10, expirationDate: "2026-12-01T00:00:00Z" },
    });
    const stayed = await runProduction();
    expect(moved.find(role).urn).toBe(stayed.find(role).urn);
    expect(moved.find(role).inputs["name"]).toBe(stayed.find(role).inputs["name"]);
  });

  it("refuses a place that is not a target", async () => {
    const { onPremises } = production();
    await expect(runProduction({ onPremises: { ...onPremises!, region: "us-east-1" } })).rejects.toThrow(
      /111122223333 in us-east-1, which is not among the targets/,
    );
  });
});
