import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultPoints, parseFault } from "../../service/fault-points.ts";

const modulePath = new URL("../../service/fault-points.ts", import.meta.url).href;

const runWith = (environment: Record<string, string>) =>
  spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `const { faultPoint } = await import(${JSON.stringify(modulePath)});
       for (const place of ["operation-claimed", "result-stored", "operation-claimed"]) { faultPoint(place); console.log(place); }`,
    ],
    { env: { ...process.env, ...environment }, encoding: "utf8" },
  );

describe("fault points", () => {
  it("are named once each, and read from the environment", () => {
    expect(new Set(faultPoints).size).toBe(faultPoints.length);
    expect(parseFault(undefined)).toBeNull();
    expect(parseFault("result-stored:3:parent")).toEqual({ name: "result-stored", nth: 3, parent: true });
    expect(() => parseFault("result-lost")).toThrow(/must be <name>/);
  });

  it("kill the process that comes by the nth time, and nobody else", () => {
    const killed = runWith({ GATEHOUSE_FAULT: "operation-claimed:2" });
    expect([killed.signal, killed.stdout]).toEqual(["SIGKILL", "operation-claimed\nresult-stored\n"]);
    expect(runWith({ GATEHOUSE_FAULT: "operation-inserted" })).toMatchObject({ status: 0, signal: null });
  });

  it("kill the first only of those that share a file", () => {
    const directory = mkdtempSync(join(tmpdir(), "gatehouse-fault-"));
    try {
      const environment = { GATEHOUSE_FAULT: "result-stored", GATEHOUSE_FAULT_ONCE: join(directory, "fired") };
      expect(runWith(environment).signal).toBe("SIGKILL");
      expect(runWith(environment)).toMatchObject({ status: 0, signal: null });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
