import { parseJson, runStack } from "../support/pulumi-mocks.ts";
import { accountProvider } from "../../stacks/providers.ts";

const providerType = "pulumi:providers:aws";
const run = (roleArn: string | null, region = "ap-southeast-1") =>
  runStack(() => {
    accountProvider({ account: "111122223333", region, roleArn }, "eu-west-1");
    return Promise.resolve({});
  });

describe("accountProvider", () => {
  it("works in its account only and assumes the role of that account", async () => {
    const { find } = await run("arn:aws:iam::111122223333:role/Gatehouse");
    const { inputs } = find(providerType, "account-111122223333");
    expect(parseJson(inputs["allowedAccountIds"])).toEqual(["111122223333"]);
    expect(parseJson(inputs["assumeRoles"])).toEqual([
      { roleArn: "arn:aws:iam::111122223333:role/Gatehouse", sessionName: "gatehouse" },
    ]);
  });

  it("uses the process's own credentials without a role", async () => {
    const { find } = await run(null);
    expect(find(providerType).inputs["assumeRoles"]).toBeUndefined();
  });

  it("takes its region from the state, never from the target", async () => {
    const [first, second] = [await run(null, "ap-southeast-1"), await run(null, "us-east-1")];
    expect(first.find(providerType).inputs["region"]).toBe("eu-west-1");
    expect(second.find(providerType).inputs).toEqual(first.find(providerType).inputs);
  });
});
