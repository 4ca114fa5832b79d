/** What only AWS can tell, over HTTP on the simulated account: refusals, faults of questions, and taking over. */
import type { Operation } from "../../service/domain/operation.ts";
import { injectFault } from "../../service/cloud/simulated/faults.ts";
import { leadCredentials, setIdentityCenter } from "../../service/cloud/simulated/organization.ts";
import { addResource } from "../../service/cloud/simulated/out-of-band.ts";
import { identityCenterInstance } from "../../service/cloud/simulated/identity-center-instance.ts";
import type { SimulatedAccount } from "../../service/cloud/simulated/simulated-account.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";

const target = { account: "111122223333", region: "ap-southeast-1" };
const home = { account: "444455556666", region: "us-east-1" };
const document = (name: string, more: object = {}) => ({
  name,
  tag: { key: "project", value: name },
  targets: [target],
  ...more,
});

describe("what only AWS can tell", () => {
  let application: TestApplication;
  let account: SimulatedAccount;

  beforeAll(async () => {
    application = await startTestApplication();
    let made = 0;
    account = {
      pool: application.database.pool,
      identityCenter: home,
      now: () => new Date(),
      newId: () => {
        made += 1;
        return made.toString(16).padStart(32, "a");
      },
    };
    const up = await ask("/v1/foundation-requests", { action: "up", foundation: target });
    expect(up.status).toBe("succeeded");
  }, 60_000);
  afterAll(() => application.close());

  const ask = async (path: string, body: object): Promise<Operation> => {
    const answer = await application.call("POST", path, body, { Prefer: "wait=60" });
    return (await answer.json()) as Operation;
  };
  const preview = (environment: object): Promise<Operation> =>
    ask("/v1/environment-requests", { action: "preview", environment });

  it.each([
    ["findGroup", "AccessDeniedException", "access_denied", "Allow identitystore:GetGroupId"],
    ["callerAccount", "AccessDenied", "access_denied", "sts:AssumeRole"],
    ["findLogGroup", "ThrottlingException", "throttled", "in a minute"],
    ["identityCenter", "ExpiredTokenException", "credentials_invalid", "Renew"],
    ["findKey", "TimeoutError", "aws_unreachable", "DNS, proxy, VPC endpoint"],
  ])(
    "%s answered with %s fails the preview with %s, and the next one succeeds",
    async (question, error, code, says) => {
      await injectFault(account.pool, { typePattern: `reader/${question}`, error: { code: error, message: "No." } });
      expect(await preview(document("production"))).toMatchObject({
        status: "failed",
        problem: { code, detail: expect.stringContaining(says) },
      });
      expect(await preview(document("production"))).toMatchObject({ status: "succeeded", problem: null });
    },
  );

  it("refuses an account instance, none at all, and credentials of another account", async () => {
    await setIdentityCenter(account, "account");
    expect(await preview(document("production"))).toMatchObject({ problem: { code: "identity_center_missing" } });
    await setIdentityCenter(account, "none");
    expect(await preview(document("production"))).toMatchObject({ problem: { code: "identity_center_missing" } });
    await setIdentityCenter(account, "organization");
    await leadCredentials(account, target, "999988887777");
    expect(await preview(document("production"))).toMatchObject({ problem: { code: "account_mismatch" } });
    await leadCredentials(account, target, target.account);
    expect(await preview(document("production"))).toMatchObject({ status: "succeeded" });
  });

  it("takes a group over as it is, and changes it only when the document says so", async () => {
    const { identityStoreId } = identityCenterInstance(home);
    const inputs = { identityStoreId, displayName: "Operators", description: "by hand" };
    await addResource(account, "aws:identitystore/group:Group", inputs, home);
    const group = (description: string) => ({ group: { name: "Operators", description } });

    expect(await preview(document("operators", group("ours")))).toMatchObject({
      problem: { code: "name_taken", detail: expect.stringContaining('"adopt": ["group"]') },
    });
    const differs = await preview(document("operators", { ...group("ours"), adopt: ["group"] }));
    expect(differs.problem).toMatchObject({
      code: "adoption_differs",
      detail: expect.stringContaining('"adoptChanges": ["group"]'),
    });
    expect(differs.steps.find(({ op }) => op === "import")?.diff).toEqual([
      { path: "description", from: "by hand", to: "ours" },
    ]);
    expect(await preview(document("operators", { ...group("by hand"), adopt: ["group"] }))).toMatchObject({
      status: "succeeded",
    });
    const both = { ...group("ours"), adopt: ["group"], adoptChanges: ["group"] };
    const up = await ask("/v1/environment-requests", { action: "up", environment: document("operators", both) });
    expect(up).toMatchObject({ kind: "up", status: "succeeded" });
    const again = await preview(document("operators", both));
    expect(again.steps.filter(({ op }) => op !== "same")).toEqual([]);
  });

  it("never replaces what it takes over", async () => {
    const name = "/gatehouse/sessions/replaced";
    await addResource(
      account,
      "aws:cloudwatch/logGroup:LogGroup",
      { name, logGroupClass: "INFREQUENT_ACCESS" },
      target,
    );
    const more = { adopt: ["log-group"], adoptChanges: ["log-group"] };
    expect(await preview(document("replaced", more))).toMatchObject({
      status: "failed",
      problem: { code: "adoption_differs", detail: expect.stringContaining("logGroupClass") },
    });
  });
});
