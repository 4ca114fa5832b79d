/** The AWS guide's environments through HTTP, on the sandbox: what the product promises, seen from outside. */
import type { Environment, Operation } from "../../service/domain/operation.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";

const target = { account: "111122223333", region: "ap-southeast-1" };
const elsewhere = { account: "111122223333", region: "eu-central-1" };
const foundation = {
  ...target,
  activationTier: "advanced",
  acknowledgeCharges: true,
  notifications: { emails: ["security@example.com"] },
};
const person = (userName: string) => ({
  userName,
  email: `${userName}@example.com`,
  givenName: "Test",
  familyName: userName,
});
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  group: { members: [person("testuser01")] },
  targets: [target],
  onPremises: { acknowledgeCharges: true, tier: "advanced" },
};

describe("the AWS guide's environments", () => {
  let application: TestApplication;
  let now = new Date("2026-11-22T12:00:00Z");

  beforeAll(async () => {
    application = await startTestApplication({ now: () => now });
  }, 60_000);
  afterAll(() => application.close());

  const ask = async (method: string, path: string, body?: unknown): Promise<Operation> => {
    const answer = await application.call(method, path, body, { Prefer: "wait=60" });
    const operation = (await answer.json()) as Operation;
    expect({ status: answer.status, problem: operation.problem }).toEqual({ status: 200, problem: null });
    return operation;
  };
  const preview = (environment: object) => ask("POST", "/v1/environment-requests", { action: "preview", environment });
  const up = (environment: object) => ask("POST", "/v1/environment-requests", { action: "up", environment });
  const changed = ({ steps }: Operation) =>
    steps
      .filter(({ op, type }) => op !== "same" && type.startsWith("aws:"))
      .map(({ op, name }) => `${op} ${name}`)
      .sort();
  const account = async (type: string): Promise<{ id: string; inputs: Record<string, unknown> }[]> => {
    const { rows } = await application.database.pool.query<{ id: string; inputs: Record<string, unknown> }>(
      "select id, inputs from simulated_aws.resources where type = $1 order by id",
      [type],
    );
    return rows;
  };
  const environment = async (name: string): Promise<Environment> =>
    (await (await application.call("GET", `/v1/environments/${name}`)).json()) as Environment;

  it("needs the foundation first", async () => {
    const answer = await application.call("POST", "/v1/environment-requests", { environment: production });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: "foundation_missing" });
  });

  it("brings up the foundation, and the account shows the roles and associations that AWS makes of it", async () => {
    const operation = await ask("POST", "/v1/foundation-requests", { action: "up", foundation });
    expect(operation).toMatchObject({ kind: "up", status: "succeeded" });
    const roles = (await account("aws:iam/role:Role")).map(({ id }) => id);
    expect(roles).toEqual(
      expect.arrayContaining([
        "AmazonSSMRoleForInstancesQuickSetup",
        "AWS-QuickSetup-SSM-RoleForEnablingExplorer",
        "AWSServiceRoleForAmazonSSM",
        expect.stringMatching(/^AWS-QuickSetup-HostMgmtRole-ap-southeast-1-/),
      ]),
    );
    expect(await account("aws:ssm/association:Association")).toHaveLength(6);
  });

  it("previews production with every resource by type and name, and changes nothing", async () => {
    const operation = await preview(production);
    expect(
      operation.steps
        .filter(({ type }) => type.startsWith("aws:"))
        .map(({ type, name }) => `${type} ${name}`)
        .sort(),
    ).toEqual([
      "aws:cloudwatch/logGroup:LogGroup session-logging-111122223333-ap-southeast-1-log-group",
      "aws:iam/policy:Policy session-logging-111122223333-ap-southeast-1-node-log-policy",
      "aws:iam/role:Role on-premises-111122223333-role",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment on-premises-111122223333-core-attachment",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment on-premises-111122223333-log-attachment",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment session-logging-111122223333-ap-southeast-1-node-log-attachment",
      "aws:identitystore/group:Group group",
      "aws:identitystore/groupMembership:GroupMembership membership-testuser01",
      "aws:identitystore/user:User user-testuser01",
      "aws:kms/alias:Alias session-logging-111122223333-ap-southeast-1-key-alias",
      "aws:kms/key:Key session-logging-111122223333-ap-southeast-1-key",
      "aws:ssm/activation:Activation on-premises-111122223333-activation",
      "aws:ssm/document:Document session-logging-111122223333-ap-southeast-1-session-document",
      "aws:ssoadmin/accountAssignment:AccountAssignment assignment-111122223333",
      "aws:ssoadmin/permissionSet:PermissionSet permission-set",
      "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy inline-policy",
    ]);
    expect(operation.changes).toMatchObject({ update: 0, replace: 0, delete: 0, same: 0 });
    expect(await account("aws:ssoadmin/permissionSet:PermissionSet")).toEqual([]);
    expect(await environment("production")).toMatchObject({ status: "pending", revision: 0 });
  });

  it("brings production up, and shows the activation's code to nobody", async () => {
    const operation = await up(production);
    expect(operation).toMatchObject({ kind: "up", status: "succeeded", changes: { update: 0, replace: 0, delete: 0 } });
    expect(operation.outputs["activation"]).toMatchObject({ code: "[secret]" });
    const [activation] = (
      await application.database.pool.query<{ code: string }>(
        "select outputs ->> 'activationCode' as code from simulated_aws.resources where type = 'aws:ssm/activation:Activation'",
      )
    ).rows;
    expect(activation?.code).toMatch(/^.{20}$/);
    const { rows } = await application.database.pool.query(
      "select 1 from gatehouse.operations o where position($1 in o::text) > 0",
      [activation?.code],
    );
    expect(rows).toEqual([]);
    expect(JSON.stringify(application.logs)).not.toContain(activation?.code);
  });

  it("previews all same for the same document, for its own spec, and hours later", async () => {
    expect(changed(await preview(production))).toEqual([]);
    const { spec } = await environment("production");
    expect(changed(await preview(spec ?? {}))).toEqual([]);
    now = new Date("2026-11-23T07:00:00Z");
    const later = await preview(production);
    expect(changed(later)).toEqual([]);
    expect(later.changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0, import: 0 });
  });

  it("changes the description with one update, and shows its diff", async () => {
    const operation = await preview({ ...production, permissionSet: { description: "Other words" } });
    expect(changed(operation)).toEqual(["update permission-set"]);
    expect(operation.steps.find(({ op }) => op === "update")?.diff).toEqual([
      {
        path: "description",
        from: "Permission set to access Session Manager limited to all instances with project tag = Production",
        to: "Other words",
      },
    ]);
  });

  it("changes policy and tags with the tag value, not the group", async () => {
    const described = { permissionSet: { description: "Production" } };
    await up({ ...production, ...described });
    const operation = await preview({ ...production, ...described, tag: { key: "project", value: "Prod" } });
    expect(changed(operation)).toEqual(["replace on-premises-111122223333-activation", "update inline-policy"]);
    expect(operation.warnings.map(({ code }) => code)).toContain("tags_replace_activation");
    await up(production);
  });

  it("replaces nothing with another team or another target", async () => {
    await ask("POST", "/v1/foundation-requests", { action: "up", foundation: elsewhere });
    const onPremises = { ...production.onPremises, target };
    const operation = await up({ ...production, team: "other", targets: [target, elsewhere], onPremises });
    expect(operation.changes).toMatchObject({ replace: 0, delete: 0 });
    expect(changed(operation).filter((step) => !step.includes("eu-central-1"))).toEqual(["update inline-policy"]);
    const back = await up(production);
    expect(changed(back).filter((step) => !step.includes("eu-central-1"))).toEqual(["update inline-policy"]);
  });

  it("touches one member only when one comes, and when one goes", async () => {
    const both = { ...production, group: { members: [person("testuser01"), person("ann")] } };
    expect(changed(await up(both))).toEqual(["create membership-ann", "create user-ann"]);
    const gone = await up(production);
    expect(changed(gone)).toEqual(["delete membership-ann", "delete user-ann"]);
    expect(gone.steps.find(({ name }) => name === "user-ann")).toMatchObject({ retain: true });
    expect((await account("aws:identitystore/user:User")).map(({ inputs }) => inputs["userName"])).toContain("ann");
  });

  it("moves from one policy profile to the other with one update", async () => {
    const whitepaper = await preview({ ...production, policyProfile: "whitepaper" });
    expect(changed(whitepaper)).toEqual(["update inline-policy"]);
    expect(whitepaper.warnings.map(({ code }) => code)).toContain("whitepaper_grants_no_document");
  });

  it("destroys with a preview first, and leaves log groups, keys, bucket and people", async () => {
    const destroyPreview = await ask("DELETE", "/v1/environments/production");
    expect(destroyPreview).toMatchObject({ kind: "preview", previewOf: "destroy", continuedBy: null });
    expect(await environment("production")).toMatchObject({ status: "active" });
    const destroyed = await ask("POST", `/v1/operations/${destroyPreview.id}/apply`);
    expect(destroyed).toMatchObject({ kind: "destroy", status: "succeeded" });
    expect(await environment("production")).toMatchObject({ status: "destroyed", spec: null });
    expect(await account("aws:ssoadmin/permissionSet:PermissionSet")).toEqual([]);
    expect(await account("aws:identitystore/group:Group")).toEqual([]);
    expect((await account("aws:cloudwatch/logGroup:LogGroup")).map(({ id }) => id)).toContain(
      "/gatehouse/sessions/production",
    );
    expect(await account("aws:s3/bucket:Bucket")).toHaveLength(2);
    expect((await account("aws:identitystore/user:User")).map(({ inputs }) => inputs["userName"])).toContain(
      "testuser01",
    );
  });

  it("takes back what it left when the environment returns", async () => {
    const again = await up(production);
    expect(
      again.steps
        .filter(({ op }) => op === "import")
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "session-logging-111122223333-ap-southeast-1-key",
      "session-logging-111122223333-ap-southeast-1-key-alias",
      "session-logging-111122223333-ap-southeast-1-log-group",
      "user-testuser01",
    ]);
    expect(changed(await preview(production))).toEqual([]);
    expect(await environment("production")).toMatchObject({ status: "active" });
  });

  it("applied nothing twice: what was made again was deleted before", async () => {
    const { rows } = await application.database.pool.query(
      `select type, id from simulated_aws.calls group by account, region, type, id
        having count(*) filter (where verb = 'create') - count(*) filter (where verb = 'delete') > 1`,
    );
    expect(rows).toEqual([]);
  });
});
