/** The AWS guide's Tests 1 and 2 through HTTP on the sandbox: who starts a session on which server, by the policies applied. */
import type { AccessCheckAnswer, AccessMatrix } from "../../service/domain/access.ts";
import type { Operation } from "../../service/domain/operation.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";

const target = { account: "111122223333", region: "ap-southeast-1" };
const environments = [
  { name: "production", value: "Production", userName: "testuser01", server: "prod-server01" },
  { name: "development", value: "Development", userName: "testuser02", server: "dev-server01" },
] as const;
const documentOf = ({ name, value, userName }: (typeof environments)[number], policyProfile: string) => ({
  name,
  tag: { key: "project", value },
  group: { members: [{ userName, email: `${userName}@example.com`, givenName: "Test", familyName: userName }] },
  policyProfile,
  targets: [target],
  onPremises: { acknowledgeCharges: true },
});

describe("the AWS guide's access matrix", () => {
  let application: TestApplication;
  beforeAll(async () => {
    application = await startTestApplication();
    await up("foundation", target);
  }, 60_000);
  afterAll(() => application.close());

  const ask = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const response = await application.call(body === undefined ? "GET" : "POST", path, body, { Prefer: "wait=60" });
    return (await response.json()) as Answer;
  };
  const request = (what: string, action: string, document: object): Promise<Operation> =>
    ask<Operation>(`/v1/${what}-requests`, { action, [what]: document });
  const up = async (what: string, document: object): Promise<void> => {
    expect(await request(what, "up", document)).toMatchObject({ kind: "up", status: "succeeded" });
  };

  describe.each(["whitepaper", "hardened"])("with the %s profile", (profile) => {
    beforeAll(async () => {
      for (const environment of environments) await up("environment", documentOf(environment, profile));
    }, 60_000);

    const cells = (["ec2", "managed"] as const).flatMap((kind) =>
      environments.flatMap((owner) =>
        environments.map(
          ({ userName }) =>
            [userName, owner.userName === userName ? "allow" : "implicit_deny", owner.server, kind, owner] as const,
        ),
      ),
    );
    it.each(cells)("%s: %s on %s (%s)", async (userName, decision, server, kind, { value }) => {
      const answer = await ask<AccessCheckAnswer>("/v1/access-checks", {
        principal: { userName },
        action: "ssm:StartSession",
        node: { kind, ...target, tags: { Name: server, project: value } },
      });
      expect(answer).toMatchObject({ known: true, decision, undecided: false });
    });

    it("shows the same in the matrix, for any pair", async () => {
      for (const principal of environments)
        for (const environment of environments) {
          const query = `principal=${principal.name}&environment=${environment.name}&action=ssm:StartSession`;
          const { rows } = await ask<{ rows: { decision: string }[] }>(`/v1/access-matrix?${query}`);
          expect(rows.some(({ decision }) => decision === "allow")).toBe(principal === environment);
        }
    });
  });

  it("shows in the preview from whitepaper to hardened that own sessions can be ended, and the other way round", async () => {
    const [production] = environments;
    const { access } = await request("environment", "preview", documentOf(production, "whitepaper"));
    expect(access?.changes).toContainEqual(
      expect.objectContaining({
        principal: "production",
        action: "ssm:TerminateSession",
        sessionOwner: "self",
        from: "allow",
        to: "deny",
      }),
    );
  });

  it("shows statements of the caller's own that lead to no server: in the preview, the matrix and the contract", async () => {
    const read = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::handbook/*" };
    const [production] = environments;
    const document = { ...documentOf(production, "hardened"), extraStatements: [read] };
    const added = { changes: [], extraStatements: { added: [read], removed: [] } };
    expect(await request("environment", "up", document)).toMatchObject({ status: "succeeded", access: added });
    const { extraStatements, rows } = await ask<AccessMatrix>("/v1/access-matrix?principal=production");
    expect(extraStatements).toEqual([
      { principal: "production", index: expect.any(Number) as number, statement: read },
    ]);
    expect(rows.flatMap(({ because }) => because).map(({ index }) => index)).not.toContain(extraStatements[0]?.index);
    const without = await request("environment", "preview", documentOf(production, "hardened"));
    expect(without.access?.extraStatements).toEqual({ added: [], removed: [read] });
    const { components } = await ask<{ components: { schemas: Record<string, { properties: object }> } }>(
      "/openapi.json",
    );
    for (const schema of ["OperationAccess", "AccessMatrix"])
      expect(components.schemas[schema]?.properties).toHaveProperty("extraStatements");
  });

  it("refuses a third environment on production's servers", async () => {
    const third = { ...documentOf(environments[0], "hardened"), name: "third", group: {}, onPremises: null };
    expect(await request("environment", "up", third)).toMatchObject({
      status: 409,
      code: "reach_conflict",
      errors: [{ pointer: "/environment/tag" }],
    });
  });
});
