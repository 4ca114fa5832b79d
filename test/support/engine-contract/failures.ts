/**
 * Refusals of our own, cancellation, and what is left of them. Part of the engine contract, and written by hand: the plain CLI
 * lets these pass, or has nobody who cancels it (docs/engines.md). Failures that it has too are recorded.
 */
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import { addResource } from "../../../service/cloud/simulated/out-of-band.ts";
import { accountOf, createStack, fresh, logGroup, logGroupType, scope, topic, type EngineWorld } from "../engine.ts";

export function describeFailures(world: () => EngineWorld): void {
  describe("what the CLI would let pass", () => {
    it("is refused: a resource without a provider", async () => {
      const orphan = await createStack(world()).preview({
        resources: [topic(fresh("topic"), {}, { provider: "none" })],
      });
      expect(orphan.problem).toMatchObject({ code: "program_failed", failure: "program_error" });
      expect(orphan.problem?.detail).toContain("must use an explicit provider");
    });

    it("is refused: an import of what could only be replaced", async () => {
      const fixed = fresh("group");
      await addResource(accountOf(world()), logGroupType, { name: fixed }, scope);
      const different = await createStack(world()).preview({
        resources: [logGroup(fixed, { logGroupClass: "INFREQUENT_ACCESS" }, { options: { import: fixed } })],
      });
      expect(different.problem).toMatchObject({ code: "adoption_differs", failure: "import_differs" });
      expect(different.problem?.detail).toContain("logGroupClass");
    });

    it("is taken out: a secret in AWS's own words", async () => {
      const a = fresh("topic");
      const message = "AWS does not like correct-horse at all";
      await injectFault(world().pool, { namePattern: a, error: { code: "InvalidParameter", message } });
      const secret = topic(a, { displayName: "correct-horse" }, { secret: ["displayName"] });
      const told = await createStack(world()).up({ resources: [secret] });
      expect(told.problem?.detail).toContain("does not like [secret] at all");
      expect(JSON.stringify(told)).not.toContain("correct-horse");
    });
  });

  describe("cancel", () => {
    it("lets the running step end and takes no more", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("topic"), fresh("topic")];
      await injectFault(world().pool, { namePattern: a, latencyMilliseconds: 100 });
      const program = { resources: [topic(a), topic(b, {}, { dependsOn: [a] })] };
      const told = await stack.up(program, {
        onEvent: (event, cancel) => {
          if (event.type === "resource.started" && event.step.name === a) cancel();
        },
      });
      expect(told).toMatchObject({ outcome: "canceled", problem: { code: "canceled" } });
      expect(told.did).toContain(`create ${a}`);
      expect(told.resources.map((resource) => resource.name)).toEqual([a]);
      expect((await stack.up(program)).did).toEqual([`create ${b}`]);
    });

    it("ends a run that waits for leave to apply, or is refused it, and nothing was; with leave it applies", async () => {
      const stack = createStack(world());
      const program = { resources: [topic(fresh("topic"))] };
      const canceled = await stack.up(program, {
        mayApply: (cancel) => {
          cancel();
          return Promise.resolve(false);
        },
      });
      expect(canceled).toMatchObject({ outcome: "canceled", did: [], resources: [], problem: { code: "canceled" } });
      expect(canceled.events).not.toContainEqual({ type: "apply.started" });
      const turnedBack = await stack.up(program, { mayApply: () => Promise.resolve(false) });
      expect(turnedBack).toMatchObject({ outcome: "canceled", did: [], resources: [], problem: { code: "canceled" } });
      const told: string[] = [];
      const applied = await stack.up(program, {
        onEvent: ({ type }) => void told.push(type),
        mayApply: () => {
          told.push("asked");
          return Promise.resolve(true);
        },
      });
      expect(applied).toMatchObject({ outcome: "succeeded", resources: [{ name: program.resources[0]!.name }] });
      expect(told.filter((type) => ["plan.done", "asked", "apply.started"].includes(type))).toEqual([
        "plan.done",
        "asked",
        "apply.started",
      ]);
    });

    it("ends a program that never does", async () => {
      const told = await createStack(world()).preview(
        { resources: [topic(fresh("topic"))], trouble: "hangs" },
        { onEvent: (event, cancel) => (event.type === "resource.planned" ? cancel() : undefined) },
      );
      expect(told.outcome).toBe("canceled");
    });
  });

  describe("crash", () => {
    it("needs recovery when the process died in the middle of an apply, and says of what", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("topic"), fresh("topic")];
      await injectFault(world().pool, { namePattern: b, crash: "after" });
      const program = { resources: [topic(a), topic(b, {}, { dependsOn: [a] })] };
      const crashed = await stack.up(program);
      expect(crashed).toMatchObject({ outcome: "needs_recovery", problem: { code: "recovery_required" } });
      expect(crashed.problem?.detail).toContain(b);
      expect(crashed.resources.map((resource) => resource.name)).toEqual([a]);
      expect(await stack.up(program)).toMatchObject({
        outcome: "needs_recovery",
        problem: { code: "recovery_required" },
      });
      const preview = await stack.preview(program);
      expect(preview.outcome).toBe("succeeded");
      expect(preview.diagnostics).toEqual([expect.objectContaining({ severity: "warning" })]);
    });
  });
}
