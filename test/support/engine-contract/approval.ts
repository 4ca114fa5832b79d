/**
 * What was approved is what is applied. Part of the engine contract, and written by hand: the plain CLI has no digest and no gate,
 * so there is nothing of it to record (docs/engines.md).
 */
import { editResource } from "../../../service/cloud/simulated/out-of-band.ts";
import type { TestArguments } from "../test-programs.ts";
import {
  accountOf,
  callsOf,
  createStack,
  exists,
  fresh,
  logGroup,
  logGroupType,
  scope,
  topic,
  type EngineWorld,
  type Told,
} from "../engine.ts";

/** One stack, and everything that can come between a preview and its up. */
async function tryStale(world: EngineWorld): Promise<{
  names: Record<"held" | "added", string>;
  stale: Record<string, Told>;
  calls: string[];
  digests: (string | null)[];
}> {
  const stack = createStack(world);
  const [held, added] = [fresh("group"), fresh("topic")];
  const group = logGroup(held, { retentionInDays: 7 });
  const secret = (displayName: string) => topic(added, { displayName }, { secret: ["displayName"] });
  const wanted: TestArguments = { resources: [group, secret("correct-horse")] };
  await stack.up({ resources: [group] });
  const { planDigest } = await stack.preview(wanted);
  const again = await stack.preview(wanted);
  const destroy = await stack.previewDestroy();
  const looking = await stack.preview(wanted, { refresh: true });
  const approved = { approved: planDigest ?? "" };
  const stale: Record<string, Told> = {
    "a changed program": await stack.up({ resources: [...wanted.resources, topic(fresh("topic"))] }, approved),
    "a changed input of the same shape": await stack.up(
      { resources: [logGroup(held, { retentionInDays: 30 }), secret("correct-horse")] },
      approved,
    ),
    "a changed secret": await stack.up({ resources: [group, secret("battery-staple")] }, approved),
  };
  const account = accountOf(world);
  await editResource(account, logGroupType, held, { retentionInDays: 90 }, scope);
  stale["a drifted account, where the run looks"] = await stack.up(wanted, {
    approved: looking.planDigest ?? "",
    refresh: true,
  });
  await editResource(account, logGroupType, held, { retentionInDays: 7 }, scope);
  const moved = { resources: [logGroup(held, { retentionInDays: 14 })] };
  await stack.up(moved);
  stale["a state that moved"] = await stack.up(wanted, approved);
  stale["a state that moved, of a destroy"] = await stack.destroy({ approved: destroy.planDigest ?? "" });
  const calls = [...(await callsOf(world, held)), ...(await callsOf(world, added))];
  return { names: { held, added }, stale, calls, digests: [planDigest, again.planDigest, destroy.planDigest] };
}

export function describeApproval(world: () => EngineWorld): void {
  describe("what was approved", () => {
    let trying: ReturnType<typeof tryStale> | undefined;
    const tried = (): ReturnType<typeof tryStale> => (trying ??= tryStale(world()));

    it("is known by a digest that two previews of the same have in common", async () => {
      const [first, second, destroy] = (await tried()).digests;
      expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(second).toBe(first);
      expect(destroy).not.toBe(first);
    });

    it.each([
      ["a changed program", "::topic-"],
      ["a changed input of the same shape", "::group-"],
      ["a changed secret", ""],
      ["a drifted account, where the run looks", "::group-"],
      ["a state that moved", "::group-"],
      ["a state that moved, of a destroy", "::group-"],
    ])("is not %s: nothing is applied", async (what, named) => {
      const stale = (await tried()).stale[what];
      expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" }, steps: [] });
      expect(stale?.problem?.detail).toContain(named);
      expect(stale?.events.map(({ type }) => type)).not.toContain("apply.started");
      expect(JSON.stringify(stale)).not.toMatch(/correct-horse|battery-staple/);
    });

    it("is all that the account ever sees", async () => {
      const { calls, names } = await tried();
      // Made, and moved by the one up that nobody held to anything.
      expect(calls).toEqual(["create", "update"]);
      expect(await exists(world(), logGroupType, names.held)).toBe(true);
    });

    it("cannot know what another stack makes in the meantime: that is left alone, and the up fails at it", async () => {
      const [mine, other] = [createStack(world()), createStack(world())];
      const name = fresh("group");
      const program = { resources: [logGroup(name)] };
      const { planDigest } = await mine.preview(program);
      await other.up({ resources: [logGroup(name, { retentionInDays: 7 })] });
      const up = await mine.up(program, { approved: planDigest! });
      expect(up).toMatchObject({ outcome: "failed", resources: [], problem: { code: "name_taken" } });
      expect(up.problem?.urn).toContain(name);
      expect(await callsOf(world(), name)).toEqual(["create"]);
      expect((await other.driftCheck()).drift).toEqual([]);
    });
  });

  describe("events", () => {
    it("tell the plan, then the start of the apply, then each resource", async () => {
      const { events } = await createStack(world()).up({ resources: [topic(fresh("topic"))] });
      const types = events.map(({ type }) => type);
      expect(types.indexOf("plan.done")).toBeGreaterThan(types.lastIndexOf("resource.planned"));
      expect(types.indexOf("apply.started")).toBe(types.indexOf("plan.done") + 1);
      expect(types.indexOf("resource.started")).toBeGreaterThan(types.indexOf("apply.started"));
      expect(types.filter((type) => type === "resource.done")).toHaveLength(3);
    });
  });
}
