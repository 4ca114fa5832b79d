import { startTestApplication, type TestApplication } from "../support/application.ts";
import { measureBudget, summarise } from "./measure-budget.ts";

describe("environments that are asked for at once", () => {
  let application: TestApplication;
  beforeAll(async () => {
    application = await startTestApplication({
      environment: { GATEHOUSE_WORKERS: "4", GATEHOUSE_REQUIRED_APPROVALS: "0" },
    });
  });
  afterAll(() => application.close());

  it("come up without exceeding a limit of Identity Center, and leave none of the budget unused while one waits", async () => {
    const { database, call } = application;
    const report = await measureBudget({
      pool: database.pool,
      call,
      environments: 5,
      accounts: 1,
      second: 0.1,
      say: () => undefined,
    });
    expect(report).toMatchObject({ succeeded: 5, violations: {}, throttled: 0 });
    for (const { held, taken, used } of summarise(report.samples).limits)
      for (const share of [held, taken, used]) expect(share).toBeLessThanOrEqual(1);
    // Four runner children start first, which takes long on a machine that is busy with other tests.
  }, 120_000);
});
