/** Failures, cancellation, and what is left of them. Part of the engine contract. */
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import { createStack, exists, fresh, topic, topicArn, topicType, type EngineWorld } from "../engine.ts";

export function describeFailures(world: () => EngineWorld): void {
  describe("failures", () => {
    it("keeps what was done, names what failed, and goes on from there", async () => {
      const stack = createStack(world());
      const [a, b, c] = [fresh("topic"), fresh("topic"), fresh("topic")];
      const conflict = { code: "ConflictException", message: "Another operation is in progress." };
      await injectFault(world().pool, { namePattern: b, error: conflict });
      const program = {
        resources: [topic(a), topic(b, {}, { dependsOn: [a] }), topic(c, {}, { dependsOn: [b] })],
      };
      const failed = await stack.up(program);
      expect(failed).toMatchObject({ outcome: "failed", problem: { failure: "conflict" } });
      expect(failed.problem?.urn).toContain(b);
      expect(failed.problem?.detail).toContain("ConflictException: Another operation is in progress.");
      expect(failed.resources.map((resource) => resource.name)).toEqual([a]);
      expect(failed.events).toContainEqual(expect.objectContaining({ type: "resource.failed" }));
      expect(await exists(world(), topicType, topicArn(c))).toBe(false);
      const retried = await stack.up(program);
      expect(retried).toMatchObject({ outcome: "succeeded", did: [`create ${b}`, `create ${c}`] });
    });

    it("deletes nothing after a failure, here of throttling, and everything when it is run again", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("topic"), fresh("topic")];
      await stack.up({ resources: [topic(a)] });
      await injectFault(world().pool, {
        namePattern: b,
        error: { code: "ThrottlingException", message: "Rate exceeded" },
      });
      expect(await stack.up({ resources: [topic(b)] })).toMatchObject({
        outcome: "failed",
        problem: { code: "throttled", failure: "throttled" },
      });
      expect(await exists(world(), topicType, topicArn(a))).toBe(true);
      expect((await stack.up({ resources: [topic(b)] })).did).toEqual([`create ${b}`, `delete ${a}`]);
    });

    it("refuses what AWS would not take, before anything is applied", async () => {
      const a = fresh("topic");
      const told = await createStack(world()).up({ resources: [topic(a, { displayName: "x".repeat(101) })] });
      const problem = { code: "resource_failed", failure: "invalid_input" };
      expect(told).toMatchObject({ outcome: "failed", planDigest: null, steps: [], problem });
      expect(told.problem?.detail).toContain("displayName");
      expect(told.problem?.urn).toContain(a);
    });

    it("refuses two resources of one URN, and a resource without a provider", async () => {
      const a = fresh("topic");
      const twice = await createStack(world()).preview({ resources: [topic(a), topic(a)] });
      expect(twice.problem).toMatchObject({ code: "program_failed", failure: "program_error" });
      expect(twice.problem?.detail).toContain("Duplicate resource URN");
      expect(twice.problem?.urn).toContain(a);
      const orphan = await createStack(world()).preview({ resources: [topic(a, {}, { provider: "none" })] });
      expect(orphan.problem).toMatchObject({ code: "program_failed", failure: "program_error" });
      expect(orphan.problem?.detail).toContain("must use an explicit provider");
    });

    it.each([
      ["throws", "The program gave up.", null],
      ["rejects", "Nobody took this rejection.", null],
      ["input", "This input cannot be worked out.", "broken-topic"],
      ["constructor", "The component cannot be made.", "broken-component"],
      ["invokes", "ResourceNotFoundException", null],
    ] as const)(
      "fails a program whose trouble is %s, names the resource, and serves the next run",
      async (trouble, text, at) => {
        const a = fresh("topic");
        const failed = await createStack(world()).up({ resources: [topic(a)], trouble });
        expect(failed).toMatchObject({ outcome: "failed", problem: { code: "program_failed" }, planDigest: null });
        expect(failed.problem?.detail).toContain(text);
        if (at === null) expect(failed.problem?.urn).toBeNull();
        else expect(failed.problem?.urn).toMatch(new RegExp(`::${at}$`));
        expect(await exists(world(), topicType, topicArn(a))).toBe(false);
        expect((await createStack(world()).preview({ resources: [topic(a)] })).outcome).toBe("succeeded");
      },
    );

    it("passes on what the program logs, once", async () => {
      const told = await createStack(world()).up({ resources: [], trouble: "warns" });
      expect(told.diagnostics).toEqual([{ urn: null, severity: "warning", message: "Mind the gap." }]);
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

    it("ends a run that waits for leave to apply, and nothing was; with leave it applies", async () => {
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
