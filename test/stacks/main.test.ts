import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStack } from "../support/pulumi-mocks.ts";
import { foundationArguments } from "./foundation/run-foundation.ts";

const variable = "GATEHOUSE_ARGUMENTS";

describe("the entry for runs by hand", () => {
  let folder: string;
  const before = process.env[variable];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatehouse-arguments-"));
  });
  afterEach(async () => {
    if (before === undefined) Reflect.deleteProperty(process.env, variable);
    else process.env[variable] = before;
    await rm(folder, { recursive: true });
  });

  const runEntry = async (file: string) => {
    process.env[variable] = file;
    const { default: entry } = await import("../../stacks/main.ts");
    return runStack(entry);
  };

  it("says which variable to set when it names no file", async () => {
    await expect(runEntry("")).rejects.toThrow("GATEHOUSE_ARGUMENTS names no file");
  });

  it("says which file it could not read", async () => {
    await expect(runEntry(join(folder, "missing.json"))).rejects.toThrow("missing.json");
  });

  it("reads the program, and refuses the stack that is not the program's own", async () => {
    const file = join(folder, "arguments.json");
    await writeFile(file, JSON.stringify({ program: "foundation", arguments: foundationArguments() }));
    await expect(runEntry(file)).rejects.toThrow(
      "those of stack foundation.111122223333.ap-southeast-1, but test is selected",
    );
  });
});
