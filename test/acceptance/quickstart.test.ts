/** `npm run quickstart` as a person sees it: a process of its own, with the embedded database in a new directory. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../service/quickstart/main.ts", import.meta.url));
const dataDirectory = join(tmpdir(), `gatehouse-quickstart-${randomUUID()}`);

const start = (...options: string[]) => {
  const child = spawn(process.execPath, [program, ...options], {
    env: { PATH: process.env["PATH"], PORT: "0", GATEHOUSE_DATA_DIR: dataDirectory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => {
      output += text.toString();
    });
  const exited = once(child, "exit");
  return {
    child,
    output: () => output,
    ended: async (): Promise<number> => {
      const [code] = (await exited) as [number];
      return code;
    },
    says: async (text: string): Promise<void> => {
      while (!output.includes(text)) await Promise.race([once(child.stdout, "data"), exited]);
    },
  };
};

const count = (text: string, part: string): number => text.split(part).length - 1;

describe("the quickstart", () => {
  afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

  it("brings up foundation, production and development, and says how to go on", async () => {
    const run = start("--exit");
    expect({ code: await run.ended(), output: run.output() }).toMatchObject({ code: 0 });
    expect(count(run.output(), "applied: ")).toBe(3);
    expect(run.output()).toContain("The AWS account is simulated");
    expect(run.output()).toContain(
      "aws ssm start-session --target <instance-id> --document-name Gatehouse-production --region ap-southeast-1",
    );
    expect(count(run.output(), "  curl -s ")).toBe(3);
    expect(run.output()).toContain("access: testuser01 gains sessions on project=Production");
    const table = run.output().split("Who reaches what")[1] ?? "";
    for (const row of [
      /testuser01 +prod-server01 +starts a session +StartSessionOnTaggedNodes of production/,
      /testuser02 +prod-server01 +is refused/,
      /testuser01 +dev-server01 +is refused/,
      /testuser02 +dev-server01 +starts a session/,
    ])
      expect(table).toMatch(row);
    const verified = run.output().split("What is true in the account")[1] ?? "";
    expect(verified).toContain("production: passed");
    expect(verified).toContain("development: passed");
  }, 90_000);

  it("says no changes the second time, stays up, answers with its key, and stops cleanly on Ctrl-C", async () => {
    const run = start();
    await run.says("Ctrl-C stops the service.");
    expect(count(run.output(), "   no changes")).toBe(3);
    expect(run.output()).not.toContain("applied: ");
    const url = /The service is up at (\S+),/.exec(run.output())?.[1] ?? "";
    const key = /export KEY=(\S+)/.exec(run.output())?.[1] ?? "";
    const answer = await fetch(`${url}/v1/environments`, { headers: { authorization: `Bearer ${key}` } });
    expect(await answer.json()).toMatchObject({
      items: [
        { name: "development", status: "active", revision: 1 },
        { name: "production", status: "active", revision: 1 },
      ],
    });
    run.child.kill("SIGINT");
    expect({ code: await run.ended(), output: run.output() }).toMatchObject({ code: 0 });
    expect(run.output()).toContain("stopped");
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  }, 90_000);
});
