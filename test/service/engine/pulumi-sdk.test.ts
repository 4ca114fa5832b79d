/** What is left out of the Pulumi SDK, in a process of its own: jest has modules of its own. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compileCacheEnvironment } from "../../../service/engine/compile-cache.ts";

const execute = promisify(execFile);

const source = `
  await import(${JSON.stringify(new URL("../../../service/engine/pulumi-sdk.ts", import.meta.url).href)});
  const { runtime } = await import("@pulumi/pulumi");
  const { createRequire } = await import("node:module");
  const loaded = Object.keys(createRequire(process.cwd() + "/").cache);
  const refusals = [];
  for (const work of [() => runtime.serializeFunction(() => 1), () => runtime.computeCodePaths({})])
    await work().catch(({ message }) => refusals.push(message));
  console.log(JSON.stringify({
    heavy: loaded.filter((path) => /node_modules\\/(@npmcli|typescript)\\//.test(path)),
    refusals,
  }));
`;

describe("the Pulumi SDK in a runner child", () => {
  it("is loaded without TypeScript and npm's resolver, and a program that needs them is told", async () => {
    const { stdout } = await execute(process.execPath, ["--input-type=module", "--eval", source], {
      env: { ...process.env, ...compileCacheEnvironment() },
    });
    const refusal = expect.stringContaining("hand functions over to Pulumi") as string;
    expect(JSON.parse(stdout)).toEqual({ heavy: [], refusals: [refusal, refusal] });
  });
});
