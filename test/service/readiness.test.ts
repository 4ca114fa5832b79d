import { createReadiness } from "../../service/readiness.ts";
import { idleEngine } from "../support/idle-adapters.ts";
import { createTestDatabase } from "../support/database.ts";

describe("readiness", () => {
  it("counts the cloud where there is one to reach, and says nothing of it where there is none", async () => {
    const { pool, drop } = await createTestDatabase();
    const outages = { answers: () => true, noticed: () => false, close: () => Promise.resolve() };
    const parts = { database: { pool, outages }, engine: idleEngine(), cloud: "aws" };
    const detail = "No credentials that AWS takes (ExpiredToken).";
    const away = createReadiness({ ...parts, cloudReady: () => Promise.resolve({ ready: false, detail }) });
    expect(await away()).toMatchObject({ ready: false, checks: { cloud: { ready: false, detail } } });
    const simulated = await createReadiness(parts)();
    expect(simulated.ready).toBe(true);
    expect(Object.keys(simulated.checks)).toEqual(["database", "engine"]);
    await drop();
  });
});
