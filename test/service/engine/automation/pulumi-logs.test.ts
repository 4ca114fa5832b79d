import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pruneLogs } from "../../../../service/engine/automation/pulumi-logs.ts";

const now = new Date("2026-11-22T12:00:00Z");
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

describe("Pulumi's logs", () => {
  let home: string;
  beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), "gatehouse-logs-"))));
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("are removed a day after their run, and nothing beside them is", async () => {
    await mkdir(join(home, "logs"));
    await mkdir(join(home, "plugins"));
    for (const [name, hours] of [
      ["old", 25],
      ["young", 23],
    ] as const) {
      for (const folder of ["logs", "plugins"]) {
        const path = join(home, folder, `${name}.log`);
        await writeFile(path, "");
        await utimes(path, hoursAgo(hours), hoursAgo(hours));
      }
    }
    expect(await pruneLogs(home, now)).toBe(1);
    expect(await readdir(join(home, "logs"))).toEqual(["young.log"]);
    expect((await readdir(join(home, "plugins"))).sort()).toEqual(["old.log", "young.log"]);
  });

  it("are none before the first run", async () => {
    expect(await pruneLogs(home, now)).toBe(0);
  });
});
