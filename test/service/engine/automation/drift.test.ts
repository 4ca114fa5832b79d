/** Refreshes on the real CLI, beyond the contract: what becomes of Pulumi's own state. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { editResource, removeResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import { startAutomationWorld, type AutomationWorld } from "../../../support/automation-world.ts";
import { accountOf, createStack, fresh, logGroup, logGroupType, scope } from "../../../support/engine.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("Pulumi's state, byte for byte,", () => {
  let world: AutomationWorld;
  beforeAll(async () => {
    world = await startAutomationWorld(cli!);
  }, 60_000);
  afterAll(() => world.close());

  it("stays as it is at a drift check, a preview with a refresh, and a refresh that comes too late", async () => {
    const stack = createStack(world);
    const [a, b] = [fresh("group"), fresh("group")];
    const program = { resources: [logGroup(a, { retentionInDays: 7 }), logGroup(b)] };
    await stack.up(program);
    const path = join(world.directory, "pulumi", "state", ".pulumi", "stacks", "gatehouse", `${stack.name}.json`);
    const before = await readFile(path);
    await editResource(accountOf(world), logGroupType, a, { retentionInDays: 30 }, scope);
    await removeResource(accountOf(world), logGroupType, b, scope);

    expect((await stack.driftCheck()).drift).toHaveLength(2);
    expect((await stack.preview(program, { refresh: true })).drift).toHaveLength(2);
    const late = await stack.refresh({ fence: 1 });
    expect(late).toMatchObject({ outcome: "interrupted", problem: { code: "stack_locked" } });
    expect(await readFile(path)).toEqual(before);

    expect((await stack.refresh()).outcome).toBe("succeeded");
    expect(await readFile(path)).not.toEqual(before);
  }, 120_000);
});
