/** What somebody else gives to an environment that is as it was approved: the permission set changed, attached to, or given away. */
import { addResource, editResource, listResources, removeResource } from "../../service/cloud/simulated/out-of-band.ts";
import { groupToken, userToken } from "../../service/cloud/simulated/types/identity-store.ts";
import {
  assignmentToken,
  boundaryToken,
  managedPolicyToken,
  permissionSetToken,
} from "../../service/cloud/simulated/types/sso-admin.ts";
import type { Operation } from "../../service/domain/operation.ts";
import type { VerificationFinding, VerificationStepName } from "../../service/domain/verification.ts";
import { identityCenter, startGuideApplication, type GuideApplication } from "../support/guide-application.ts";

let guide: GuideApplication;
beforeAll(async () => {
  guide = await startGuideApplication();
}, 60_000);
afterAll(() => guide.close());

const verified = async () => {
  const operation = await guide.call<Operation>("POST", "/v1/environments/production/verifications");
  return operation.verification!.steps;
};
/** Of the only step that did not pass. */
const findings = async (step: VerificationStepName): Promise<VerificationFinding[]> => {
  const failing = (await verified()).filter(({ outcome }) => outcome !== "passed");
  expect(failing.map(({ name }) => name)).toEqual([step]);
  return failing.flatMap((failed) => failed.findings);
};
const resource = async (type: string, key: string, value: string) =>
  (await listResources(guide.account, { type })).find(({ outputs }) => outputs[key] === value)!;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "none");
const permissionSet = async () => {
  const { outputs } = await resource(permissionSetToken, "name", "ProductionPermissionSet");
  return { instanceArn: outputs["instanceArn"]!, permissionSetArn: outputs["arn"]! };
};

describe("a healthy environment", () => {
  it("tells what it looked at in numbers that fit", async () => {
    expect((await verified()).map(({ message }) => message)).toEqual([
      "The permission set ProductionPermissionSet.",
      "The inline policy of ProductionPermissionSet, statement by statement.",
      "1 assignment of ProductionPermissionSet; 1 approved.",
      "1 member of ProductionAccess; 1 approved.",
      "1 node with project=Production, of which 1 can be reached.",
      "The session document Gatehouse-production, in 1 target.",
      "The latest session of 1 person: its log stream and its object.",
    ]);
  });

  it.each([
    ["sessionDuration", "PT12H"],
    ["description", "Somebody else's words"],
    ["relayState", "https://example.com"],
    ["tags", { Name: "ProductionAccess", owner: "nobody" }],
  ])("fails when %s of its permission set is changed", async (property, value) => {
    const { id, outputs } = await resource(permissionSetToken, "name", "ProductionPermissionSet");
    await editResource(guide.account, permissionSetToken, id, { [property]: value }, identityCenter);
    expect(await findings("permission_set")).toMatchObject([{ subject: `ProductionPermissionSet.${property}` }]);
    await editResource(guide.account, permissionSetToken, id, { [property]: outputs[property] ?? "" }, identityCenter);
  });

  it("fails when a managed policy is attached to its permission set", async () => {
    const managedPolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    const inputs = { ...(await permissionSet()), managedPolicyArn };
    const { id } = await addResource(guide.account, managedPolicyToken, inputs, identityCenter);
    expect(await findings("permission_set")).toMatchObject([
      { subject: `ProductionPermissionSet.${managedPolicyArn}`, toDo: expect.stringContaining("detach") as string },
    ]);
    await removeResource(guide.account, managedPolicyToken, id, identityCenter);
  });

  it("fails when its permission set is given a permissions boundary", async () => {
    const permissionsBoundary = { customerManagedPolicyReference: { name: "Limit", path: "/team/" } };
    const inputs = { ...(await permissionSet()), permissionsBoundary };
    const { id } = await addResource(guide.account, boundaryToken, inputs, identityCenter);
    expect(await findings("permission_set")).toMatchObject([
      {
        subject: "ProductionPermissionSet.permissionsBoundary",
        message: expect.stringContaining("the permissions boundary /team/Limit") as string,
      },
    ]);
    await removeResource(guide.account, boundaryToken, id, identityCenter);
  });

  it.each([
    ["a person of another environment", "USER", "111122223333"],
    ["its own group, in an account that nobody asked for", "GROUP", "222233334444"],
    ["another environment's group", "OTHER_GROUP", "111122223333"],
  ])("fails when its permission set is given to %s", async (_who, who, targetId) => {
    const { outputs } =
      who === "USER"
        ? await resource(userToken, "userName", "testuser02")
        : await resource(groupToken, "displayName", who === "GROUP" ? "ProductionAccess" : "DevelopmentAccess");
    const principalId = textOf(outputs["userId"] ?? outputs["groupId"]);
    const inputs = {
      ...(await permissionSet()),
      principalId,
      principalType: who === "USER" ? "USER" : "GROUP",
      targetId,
      targetType: "AWS_ACCOUNT",
    };
    const { id } = await addResource(guide.account, assignmentToken, inputs, identityCenter);
    expect(await findings("assignments")).toMatchObject([
      { subject: targetId, message: expect.stringContaining(principalId) as string },
    ]);
    await removeResource(guide.account, assignmentToken, id, identityCenter);
  });
});
