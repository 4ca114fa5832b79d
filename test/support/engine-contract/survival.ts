/** Runs that are interrupted, overtaken and killed. Part of the engine contract. */
import { randomUUID } from "node:crypto";
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import {
  callsOf,
  createStack,
  faultIsUsedUp,
  fresh,
  logGroup,
  logGroupType,
  nextFence,
  type EngineWorld,
  type RunSettings,
} from "../engine.ts";
import { until } from "../until.ts";

const cancelAfter =
  (name: string): NonNullable<RunSettings["onEvent"]> =>
  (event, cancel) => {
    if (event.type === "resource.started" && event.step.name === name) cancel();
  };

export function describeSurvival(world: () => EngineWorld): void {
  describe("interruption", () => {
    it("goes on with its own apply and with nothing else, though the plan is not the approved one any more, and tells all of it", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("group"), fresh("group")];
      const program = { resources: [logGroup(a), logGroup(b, {}, { dependsOn: [a] })] };
      const { planDigest } = await stack.preview(program);
      const operation = { approved: planDigest!, operationId: randomUUID() };
      // On a busy machine the second write would be over before the first's start is heard of here.
      await injectFault(world().pool, { typePattern: logGroupType, namePattern: a, latencyMilliseconds: 1_000 });
      const stopped = await stack.up(program, { ...operation, onEvent: cancelAfter(a) });
      expect(stopped).toMatchObject({ outcome: "canceled", pending: [] });
      const other = { resources: [logGroup(a), logGroup(b, { retentionInDays: 7 }, { dependsOn: [a] })] };
      expect(await stack.up(other, operation)).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" } });
      const resumed = await stack.up(program, operation);
      expect(resumed).toMatchObject({ outcome: "succeeded", planDigest, changes: { create: 4 } });
      expect(resumed.did).toEqual(expect.arrayContaining([`create ${a}`, `create ${b}`]));
      expect([await callsOf(world(), a), await callsOf(world(), b)]).toEqual([["create"], ["create"]]);
    });

    it("tells the same again when an operation that has ended is run once more", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("group"), fresh("group")];
      await stack.up({ resources: [logGroup(a, { retentionInDays: 7 }), logGroup(b)] });
      const program = { resources: [logGroup(a, { retentionInDays: 30 })] };
      const { planDigest } = await stack.preview(program);
      const operation = { approved: planDigest!, operationId: randomUUID() };
      const first = await stack.up(program, operation);
      const again = await stack.up(program, operation);
      expect(first.did.sort()).toEqual([`delete ${b}`, `update ${a}`]);
      expect(again.did.sort()).toEqual(first.did);
      expect(again).toMatchObject({ outcome: "succeeded", changes: first.changes, outputs: first.outputs });
      expect(await callsOf(world(), a)).toEqual(["create", "update"]);
    });

    it("goes on with a replacement that was interrupted half way, as the one step that it is", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      await stack.up({ resources: [logGroup(a)] });
      const program = { resources: [logGroup(a, { logGroupClass: "INFREQUENT_ACCESS" })] };
      const conflict = { code: "OperationAbortedException", message: "Try again." };
      await injectFault(world().pool, { typePattern: logGroupType, namePattern: a, verb: "create", error: conflict });
      const operation = { operationId: randomUUID() };
      const failed = await stack.up(program, operation);
      expect(failed).toMatchObject({ outcome: "failed", resources: [] });
      const resumed = await stack.up(program, operation);
      expect(resumed).toMatchObject({ outcome: "succeeded", did: [`replace ${a}`] });
      expect(await callsOf(world(), a)).toEqual(["create", "delete", "create"]);
    });

    it("is forgotten when another operation begins", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("group"), fresh("group")];
      const program = { resources: [logGroup(a), logGroup(b, {}, { dependsOn: [a] })] };
      const { planDigest } = await stack.preview(program);
      const operation = { approved: planDigest!, operationId: randomUUID() };
      await stack.up(program, { ...operation, onEvent: cancelAfter(a) });
      expect(await stack.up(program, { approved: planDigest! })).toMatchObject({ problem: { code: "preview_stale" } });
      expect(await stack.up(program, operation)).toMatchObject({ problem: { code: "preview_stale" } });
    });
  });

  describe("fences", () => {
    it("refuses a run that is older than the last that began", async () => {
      const stack = createStack(world());
      const [older, newer] = [nextFence(), nextFence()];
      const a = fresh("group");
      expect((await stack.up({ resources: [] }, { fence: newer })).outcome).toBe("succeeded");
      for (const fence of [older, newer])
        expect(await stack.up({ resources: [logGroup(a)] }, { fence })).toMatchObject({
          outcome: "interrupted",
          problem: { code: "stack_locked" },
          steps: [],
        });
      expect(await stack.recover("refresh", { fence: older })).toMatchObject({ problem: { code: "stack_locked" } });
      expect(await callsOf(world(), a)).toEqual([]);
      expect((await stack.preview({ resources: [logGroup(a)] }, { fence: older })).outcome).toBe("succeeded");
    });

    it("lets a newer run take over, though the older one still lives", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("group"), fresh("group")];
      const program = { resources: [logGroup(a), logGroup(b, {}, { dependsOn: [a] })] };
      const operation = { operationId: randomUUID() };
      await injectFault(world().pool, { namePattern: b, latencyMilliseconds: 600_000 });
      let kill: () => void = () => undefined;
      const older = stack.up(program, { ...operation, onEvent: (_event, _cancel, killIt) => (kill = killIt) });
      await until(() => faultIsUsedUp(world(), b));
      // Its write is on the way to AWS, for all that anybody knows.
      const newer = await stack.up(program, operation);
      expect(newer.outcome).toBe("needs_recovery");
      expect(newer.did).toContain(`create ${a}`);
      expect(newer.did).not.toContain(`create ${b}`);
      expect((await stack.recover("refresh")).outcome).toBe("succeeded");
      expect((await stack.up(program)).did).toEqual([`create ${b}`]);
      kill();
      expect((await older).outcome).not.toBe("succeeded");
      expect([await callsOf(world(), a), await callsOf(world(), b)]).toEqual([["create"], ["create"]]);
    });
  });

  describe("kill", () => {
    it("leaves in doubt what was being written", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      await injectFault(world().pool, { namePattern: a, latencyMilliseconds: 600_000 });
      let kill: () => void = () => undefined;
      const run = stack.up({ resources: [logGroup(a)] }, { onEvent: (_event, _cancel, killIt) => (kill = killIt) });
      await until(() => faultIsUsedUp(world(), a));
      kill();
      const killed = await run;
      expect(killed).toMatchObject({ outcome: "needs_recovery", pending: [{ kind: "creating", type: logGroupType }] });
      expect((await stack.recover("refresh")).outcome).toBe("succeeded");
      expect((await stack.up({ resources: [logGroup(a)] })).outcome).toBe("succeeded");
      expect(await callsOf(world(), a)).toEqual(["create"]);
    });

    it("is a cancellation where nothing was", async () => {
      const stack = createStack(world());
      const told = await stack.up(
        { resources: [logGroup(fresh("group"))], trouble: "hangs" },
        { onEvent: (event, _cancel, kill) => (event.type === "resource.planned" ? kill() : undefined) },
      );
      expect(told).toMatchObject({ outcome: "canceled", steps: [], pending: [], problem: { code: "canceled" } });
    });
  });
}
