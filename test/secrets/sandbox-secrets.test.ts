/** Secrets in the sandbox: the activation code that an up makes is in no answer, log line or row but the account's own. */
import { searchFor } from "./canaries.ts";
import { inRows } from "./search-places.ts";
import { environmentInputOf, foundationInputOf } from "../support/documents.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";

describe("secrets, in the sandbox", () => {
  let application: TestApplication;
  beforeAll(async () => {
    application = await startTestApplication();
  }, 60_000);
  afterAll(() => application.close());

  const call = async (method: string, path: string, body?: object): Promise<string> =>
    (await application.call(method, path, body, { Prefer: "wait=60" })).text();

  it("are sealed in checkpoints, read again by the next run, and told nowhere", async () => {
    const onPremises = { acknowledgeCharges: true, registrationLimit: 5 };
    const request = { action: "up", environment: { ...environmentInputOf(), onPremises } };
    const answers = [
      await call("POST", "/v1/foundation-requests", { action: "up", foundation: foundationInputOf() }),
      await call("POST", "/v1/environment-requests", request),
      await call("POST", "/v1/environment-requests", { ...request, action: "preview" }),
      await call("GET", "/v1/operations?limit=200"),
      await call("GET", "/v1/environments/production"),
    ];
    expect(JSON.parse(answers[1] ?? "")).toMatchObject({ kind: "up", status: "succeeded" });
    expect(JSON.parse(answers[2] ?? "")).toMatchObject({
      status: "succeeded",
      changes: { create: 0, update: 0, replace: 0 },
    });
    const { rows } = await application.database.pool.query<{ value: string }>(
      `select outputs ->> 'activationCode' as value from simulated_aws.resources where outputs ? 'activationCode'`,
    );
    expect(rows).toHaveLength(1);
    const codes = searchFor(rows.map(({ value }) => ({ name: "activation code", value })));
    expect(await inRows(application.database.pool, codes, ["simulated\\_aws.%"])).toEqual([]);
    expect([...answers, JSON.stringify(application.logs)].flatMap(codes.placesIn)).toEqual([]);
    const sealed = await application.database.pool.query(
      "select from sandbox.resources where state -> 'outputs' ->> 'sealed' like 'v1:%'",
    );
    expect(sealed.rows.length).toBeGreaterThan(0);
  }, 120_000);
});
