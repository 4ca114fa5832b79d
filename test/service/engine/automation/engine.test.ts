/** Runs by the real CLI: one process each, and nothing is applied but what was approved. The contract suite has the rest. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAutomationWorld, type AutomationWorld } from "../../../support/automation-world.ts";
import { createEmptyDatabase } from "../../../support/database.ts";
import { callsOf, createStack, fresh, topic } from "../../../support/engine.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("the automation engine, by the real CLI", () => {
  let world: AutomationWorld;
  beforeAll(async () => {
    world = await startAutomationWorld(cli!);
  }, 60_000);
  afterAll(() => world.close());

  it("applies what was approved by one CLI process, and leaves no directory behind", async () => {
    const stack = createStack(world);
    const program = { resources: [topic(fresh("topic"))] };
    const { planDigest } = await stack.preview(program);
    const up = await stack.up(program, { approved: planDigest! });
    expect(up).toMatchObject({ outcome: "succeeded", changes: { create: 3 } });
    const { rows } = await world.pool.query<{ kinds: string[] }>(
      "select array_agg(kind order by started_at) as kinds from automation.processes where stack = $1 and ended_at is not null",
      [stack.name],
    );
    // The first run makes the stack beside its own.
    expect(rows[0]?.kinds).toEqual(["preview", "preview", "up"]);
    expect(await readdir(join(world.directory, "pulumi", "runs"))).toEqual([]);
  }, 60_000);

  it("applies nothing after the state moved, and says what would be done", async () => {
    const stack = createStack(world);
    const [a, b] = [fresh("topic"), fresh("topic")];
    await stack.up({ resources: [topic(a)] });
    const { planDigest } = await stack.preview({ resources: [topic(a, { displayName: "wanted" })] });
    await stack.up({ resources: [topic(a, { displayName: "other" }), topic(b)] });
    const stale = await stack.up({ resources: [topic(a, { displayName: "wanted" })] }, { approved: planDigest! });
    expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" }, steps: [] });
    expect(stale.problem?.detail).toContain(`::${b}`);
    expect(await callsOf(world, a)).toEqual(["create", "update"]);
  }, 60_000);

  it("takes no empty or damaged state for that of a new stack, and comes back with the good one", async () => {
    const stack = createStack(world);
    const program = { resources: [topic(fresh("topic"))] };
    await stack.up(program);
    const file = join(world.directory, "pulumi/state/.pulumi/stacks/gatehouse", `${stack.name}.json`);
    const good = await readFile(file, "utf8");
    await writeFile(file, "{}");
    const lost = {
      outcome: "failed",
      planDigest: null,
      problem: { code: "engine_failed", failure: "checkpoint_lost" },
    };
    expect(await stack.preview(program)).toMatchObject(lost);
    expect(await stack.previewDestroy()).toMatchObject(lost);
    expect(await stack.driftCheck()).toMatchObject(lost);
    await writeFile(file, good.slice(0, 1_000));
    const damaged = { outcome: "failed", problem: { code: "engine_failed", failure: "checkpoint_damaged" } };
    expect(await stack.refresh()).toMatchObject(damaged);
    const up = await stack.up(program, { approved: "sha256:any" });
    expect(up).toMatchObject(damaged);
    expect(up.problem?.detail).not.toContain(world.directory);
    await rm(file);
    // Nothing is in doubt, and nothing is known of what is there.
    expect(await stack.recover("refresh")).toMatchObject({ outcome: "failed", problem: { failure: "stack_missing" } });
    await writeFile(file, good);
    // As a CLI leaves it that is killed while it writes the state.
    await writeFile(`${file}.attrs`, "");
    expect(await stack.preview(program)).toMatchObject({ outcome: "succeeded", changes: { create: 0 } });
  }, 60_000);

  it("applies nothing when only a secret is another", async () => {
    const stack = createStack(world);
    const a = fresh("topic");
    const secret = (displayName: string) => ({ resources: [topic(a, { displayName }, { secret: ["displayName"] })] });
    const { planDigest } = await stack.preview(secret("correct-horse"));
    expect(await stack.up(secret("battery-staple"), { approved: planDigest! })).toMatchObject({
      problem: { code: "preview_stale" },
    });
    expect(await callsOf(world, a)).toEqual([]);
  }, 60_000);
});

(cli === null ? describe.skip : describe)("the automation engine with its state in PostgreSQL", () => {
  it("previews, brings up and destroys", async () => {
    const state = await createEmptyDatabase();
    // Go's driver takes the directory of a socket from the environment, and not from Pulumi's URL.
    const { username, password, port, pathname, searchParams, hostname } = new URL(state.url);
    const backend = {
      backendUrl: `postgresql://${pathname}?sslmode=disable`,
      secretsProvider: "passphrase",
      passphrase: "a passphrase",
    };
    const environment = {
      PGHOST: searchParams.get("host") ?? hostname,
      PGPORT: port === "" ? "5432" : port,
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
    };
    const world = await startAutomationWorld(cli!, { backend, environment });
    try {
      const stack = createStack(world);
      const program = { resources: [topic(fresh("topic"))] };
      const { planDigest } = await stack.preview(program);
      const up = await stack.up(program, { approved: planDigest! });
      expect(up).toMatchObject({ outcome: "succeeded", problem: null });
      const destroy = await stack.previewDestroy();
      expect(await stack.destroy({ approved: destroy.planDigest! })).toMatchObject({
        outcome: "succeeded",
        resources: [],
      });
    } finally {
      await world.close();
      await state.drop();
    }
  }, 60_000);
});
