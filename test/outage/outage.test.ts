import { runOutage } from "./outage.ts";

describe("a database that is killed under load and comes back", () => {
  // `npm run test:outage` is the long one: 30 seconds, more callers, and a worker beside.
  it("loses nothing that was accepted, refuses with 503 meanwhile, and work goes on by itself", async () => {
    const { load, broken, backMilliseconds } = await runOutage({
      seconds: 3,
      callers: 2,
      workerBeside: false,
      say: () => undefined,
    });
    expect(broken).toEqual([]);
    expect(load.refused).toBeGreaterThan(0);
    expect(load.slowestMilliseconds).toBeLessThan(10_000);
    expect(backMilliseconds).toBeLessThan(30_000);
  }, 90_000);
});
