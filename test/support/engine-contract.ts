/** Scenarios that every engine passes; see `engine.ts` in this folder. */
import { randomUUID } from "node:crypto";
import { injectFault } from "../../service/cloud/simulated/faults.ts";
import { addResource } from "../../service/cloud/simulated/out-of-band.ts";
import {
  accountOf,
  attachmentType,
  createStack,
  exists,
  logGroup,
  logGroupType,
  role,
  roleType,
  scope,
  topic,
  topicArn,
  topicType,
  type EngineWorld,
  type Told,
} from "./engine.ts";
import type { TestResource } from "./test-programs.ts";

const attachment = (name: string, roleResource: string, more: Partial<TestResource> = {}): TestResource => ({
  type: attachmentType,
  name,
  inputs: { policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" },
  from: { role: [roleResource, "name"] },
  ...more,
});

/** A name that no other test uses: they share one account. */
const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

const stepOf = (told: Told, name: string) => told.steps.find((step) => step.name === name);

export function describeEngineContract(name: string, makeEngine: () => Promise<EngineWorld>): void {
  describe(`${name}: the engine contract`, () => {
    let world: EngineWorld;
    beforeAll(async () => {
      world = await makeEngine();
    });

    describe("preview and up", () => {
      it("previews creations without touching the account, and leaves no trace", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        const program = { resources: [topic(a, { displayName: "A" })] };
        const first = await stack.preview(program);
        const second = await stack.preview(program);
        expect(first.outcome).toBe("succeeded");
        expect(first.did).toEqual(expect.arrayContaining([`create ${a}`, "create account"]));
        expect(stepOf(first, a)?.diff).toContainEqual({ path: "displayName", from: null, to: "A" });
        expect(first.planDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(second.planDigest).toBe(first.planDigest);
        expect(first.resources).toEqual([]);
        expect(await exists(world, topicType, topicArn(a))).toBe(false);
      });

      it("applies exactly what was approved, and then finds nothing to do", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        const program = { resources: [topic(a)], outputs: { arn: [a, "arn"] as [string, string] } };
        const preview = await stack.preview(program);
        const up = await stack.up(program, { approved: preview.planDigest! });
        expect(up.outcome).toBe("succeeded");
        expect(up.changes).toEqual(preview.changes);
        expect(up.outputs).toEqual({ arn: topicArn(a) });
        expect(up.resources).toEqual([
          expect.objectContaining({
            type: topicType,
            name: a,
            id: topicArn(a),
            account: scope.account,
            region: scope.region,
          }),
        ]);
        const again = await stack.preview(program);
        expect(again.did).toEqual([]);
        expect(again.outputs).toEqual({ arn: topicArn(a) });
      });

      it("tells the plan, then the start of the apply, then each resource", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        const { events } = await stack.up({ resources: [topic(a)] });
        const types = events.map(({ type }) => type);
        expect(types.indexOf("plan.done")).toBeGreaterThan(types.lastIndexOf("resource.planned"));
        expect(types.indexOf("apply.started")).toBe(types.indexOf("plan.done") + 1);
        expect(types.indexOf("resource.started")).toBeGreaterThan(types.indexOf("apply.started"));
        expect(types.filter((type) => type === "resource.done")).toHaveLength(3);
      });

      it("shows what is known only after the apply as unknown", async () => {
        const a = fresh("role");
        const key = fresh("key");
        const program = {
          resources: [
            { type: "aws:kms/key:Key", name: key, outputs: ["arn"] },
            topic(a, {}, { from: { kmsMasterKeyId: [key, "arn"] } }),
          ],
          outputs: { key: [key, "arn"] as [string, string] },
        };
        const preview = await createStack(world).preview(program);
        expect(stepOf(preview, a)?.diff).toContainEqual({ path: "kmsMasterKeyId", from: null, to: "[unknown]" });
        expect(preview.outputs).toEqual({ key: "[unknown]" });
      });

      it("updates in place, with the difference", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        await stack.up({ resources: [topic(a, { displayName: "before" })] });
        const up = await stack.up({ resources: [topic(a, { displayName: "after" })] });
        expect(up.did).toEqual([`update ${a}`]);
        expect(stepOf(up, a)?.diff).toEqual([{ path: "displayName", from: "before", to: "after" }]);
      });

      it("names components by their chain of parents, without the stack", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        const told = await stack.preview({
          resources: [{ type: "Component", name: "outer" }, topic(a, {}, { parent: "outer" })],
        });
        expect(stepOf(told, a)?.urn).toBe(
          `urn:pulumi:${stack.name}::gatehouse::test:index:Component$${topicType}::${a}`,
        );
      });

      it("refuses a plan that is not the approved one, and applies nothing", async () => {
        const stack = createStack(world);
        const [a, b] = [fresh("topic"), fresh("topic")];
        const preview = await stack.preview({ resources: [topic(a)] });
        const stale = await stack.up({ resources: [topic(a), topic(b)] }, { approved: preview.planDigest! });
        expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" }, steps: [] });
        expect(stale.problem?.detail).toContain(b);
        expect(stale.events.map(({ type }) => type)).not.toContain("apply.started");
        expect(await exists(world, topicType, topicArn(a))).toBe(false);
      });
    });

    describe("replacement", () => {
      it("makes the new one first where names differ, and deletes the old one last", async () => {
        const stack = createStack(world);
        const [before, after] = [fresh("topic"), fresh("topic")];
        const topicNamed = (physical: string): TestResource => ({ ...topic("t"), inputs: { name: physical } });
        await stack.up({ resources: [topicNamed(before)] });
        const up = await stack.up({ resources: [topicNamed(after)] });
        expect(up.did).toEqual(["replace t"]);
        expect(stepOf(up, "t")?.diff).toEqual([{ path: "name", from: before, to: after, replaces: true }]);
        expect(await exists(world, topicType, topicArn(after))).toBe(true);
        expect(await exists(world, topicType, topicArn(before))).toBe(false);
        expect((await stack.preview({ resources: [topicNamed(after)] })).did).toEqual([]);
      });

      it("deletes the old one first where the name stays", async () => {
        const stack = createStack(world);
        const a = fresh("group");
        await stack.up({ resources: [logGroup(a)] });
        const up = await stack.up({ resources: [logGroup(a, { logGroupClass: "INFREQUENT_ACCESS" })] });
        expect(up).toMatchObject({ outcome: "succeeded", did: [`replace ${a}`] });
      });

      it("replaces what cannot follow the replacement in place", async () => {
        const stack = createStack(world);
        const [r, at] = [fresh("role"), fresh("attachment")];
        await stack.up({ resources: [role(r), attachment(at, r)] });
        const moved = { resources: [role(r, { path: "/moved/" }), attachment(at, r)] };
        const preview = await stack.preview(moved);
        expect(preview.did).toEqual([`replace ${r}`, `replace ${at}`]);
        const up = await stack.up(moved, { approved: preview.planDigest! });
        expect(up).toMatchObject({ outcome: "succeeded", did: [`replace ${r}`, `replace ${at}`] });
      });

      it("replaces for a property that the program says replaces", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        const options = { replaceOnChanges: ["displayName"] };
        await stack.up({ resources: [topic(a, { displayName: "1" }, { options })] });
        const told = await stack.preview({ resources: [topic(a, { displayName: "2" }, { options })] });
        expect(told.did).toEqual([`replace ${a}`]);
      });
    });

    describe("deletion", () => {
      it("deletes what the program no longer names, dependents first, after everything else", async () => {
        const stack = createStack(world);
        const [r, at, t] = [fresh("role"), fresh("attachment"), fresh("topic")];
        await stack.up({ resources: [role(r), attachment(at, r)] });
        const up = await stack.up({ resources: [topic(t)] });
        expect(up.did).toEqual([`create ${t}`, `delete ${at}`, `delete ${r}`]);
      });

      it("forgets without deleting what is retained, by what the last up said", async () => {
        const stack = createStack(world);
        const a = fresh("group");
        await stack.up({ resources: [logGroup(a, {}, { options: { retainOnDelete: true } })] });
        const up = await stack.up({ resources: [] });
        expect(stepOf(up, a)).toMatchObject({ op: "delete", retain: true });
        expect(up.resources).toEqual([]);
        expect(await exists(world, logGroupType, a)).toBe(true);
      });

      it("destroys everything that it previewed", async () => {
        const stack = createStack(world);
        const [r, at] = [fresh("role"), fresh("attachment")];
        await stack.up({ resources: [role(r), attachment(at, r)] });
        const preview = await stack.previewDestroy();
        expect(preview.changes.delete).toBe(4);
        const destroyed = await stack.destroy({ approved: preview.planDigest! });
        expect(destroyed).toMatchObject({ outcome: "succeeded", resources: [], outputs: {} });
        expect(await exists(world, roleType, r)).toBe(false);
        expect((await stack.previewDestroy()).steps).toEqual([]);
      });

      it("refuses to destroy what changed since the preview", async () => {
        const stack = createStack(world);
        const [a, b] = [fresh("topic"), fresh("topic")];
        await stack.up({ resources: [topic(a)] });
        const preview = await stack.previewDestroy();
        await stack.up({ resources: [topic(a), topic(b)] });
        expect(await stack.destroy({ approved: preview.planDigest! })).toMatchObject({
          outcome: "failed",
          problem: { code: "preview_stale" },
        });
        expect(await exists(world, topicType, topicArn(a))).toBe(true);
      });
    });

    describe("resource options", () => {
      it("keeps a protected resource from being deleted, replaced and destroyed", async () => {
        const stack = createStack(world);
        const a = fresh("group");
        const options = { protect: true };
        await stack.up({ resources: [logGroup(a, {}, { options })] });
        const replacing = { resources: [logGroup(a, { logGroupClass: "INFREQUENT_ACCESS" }, { options })] };
        for (const told of [await stack.up({ resources: [] }), await stack.up(replacing), await stack.destroy()]) {
          expect(told).toMatchObject({ outcome: "failed", problem: { code: "resource_failed" } });
          expect(told.problem?.urn).toContain(a);
          expect(told.events.map(({ type }) => type)).not.toContain("apply.started");
        }
        expect(await exists(world, logGroupType, a)).toBe(true);
      });

      it("takes back protection with the program's word", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        await stack.up({ resources: [topic(a, {}, { options: { protect: true } })] });
        expect((await stack.up({ resources: [topic(a)] })).did).toEqual([]);
        expect((await stack.up({ resources: [] })).did).toEqual([`delete ${a}`]);
      });

      it("ignores changes that it was told to ignore", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        await stack.up({ resources: [topic(a, { displayName: "kept", tags: { one: "1" } })] });
        const options = { ignoreChanges: ["displayName", "tags.two"] };
        const changed = topic(a, { displayName: "ignored", tags: { one: "1", two: "2" } }, { options });
        expect((await stack.preview({ resources: [changed] })).did).toEqual([]);
      });

      it("imports what exists, updates what differs, and does so once", async () => {
        const stack = createStack(world);
        const a = fresh("group");
        await addResource(accountOf(world), logGroupType, { name: a, retentionInDays: 7 }, scope);
        const program = { resources: [logGroup(a, { retentionInDays: 30 }, { options: { import: a } })] };
        const preview = await stack.preview(program);
        expect(preview.did).toContain(`import ${a}`);
        expect(stepOf(preview, a)?.diff).toEqual([{ path: "retentionInDays", from: 7, to: 30 }]);
        expect((await stack.up(program, { approved: preview.planDigest! })).outcome).toBe("succeeded");
        expect((await stack.preview(program)).did).toEqual([]);
      });

      it("refuses to import what is not there, or what could only be replaced", async () => {
        const [absent, fixed] = [fresh("group"), fresh("group")];
        const missing = await createStack(world).preview({
          resources: [logGroup(absent, {}, { options: { import: absent } })],
        });
        expect(missing).toMatchObject({ outcome: "failed", problem: { code: "resource_failed" } });
        await addResource(accountOf(world), logGroupType, { name: fixed }, scope);
        const different = await createStack(world).preview({
          resources: [logGroup(fixed, { logGroupClass: "INFREQUENT_ACCESS" }, { options: { import: fixed } })],
        });
        expect(different.problem?.detail).toContain("logGroupClass");
      });
    });

    describe("secrets", () => {
      const secretTopic = (name: string, displayName: string) =>
        topic(name, { displayName }, { secret: ["displayName"], outputs: ["arn", "displayName"] });

      it("never shows a secret, and takes a changed one for another plan", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        const outputs = { shown: [a, "displayName"] as [string, string] };
        const first = await stack.preview({ resources: [secretTopic(a, "correct-horse")], outputs });
        const other = await stack.preview({ resources: [secretTopic(a, "battery-staple")], outputs });
        expect(other.planDigest).not.toBe(first.planDigest);
        const up = await stack.up({ resources: [secretTopic(a, "correct-horse")], outputs });
        const changed = await stack.up({ resources: [secretTopic(a, "battery-staple")], outputs });
        expect(up.outputs).toEqual({ shown: "[secret]" });
        expect(stepOf(changed, a)?.diff).toEqual([{ path: "displayName", from: "[secret]", to: "[secret]" }]);
        expect(JSON.stringify([first, other, up, changed])).not.toMatch(/correct-horse|battery-staple/);
      });

      it("keeps secrets out of AWS's errors", async () => {
        const a = fresh("topic");
        const message = "AWS does not like correct-horse at all";
        await injectFault(world.pool, { namePattern: a, error: { code: "InvalidParameter", message } });
        const told = await createStack(world).up({ resources: [secretTopic(a, "correct-horse")] });
        expect(told.problem?.detail).toContain("does not like [secret] at all");
        expect(JSON.stringify(told)).not.toContain("correct-horse");
      });

      it("makes outputs secret that the program names", async () => {
        const a = fresh("topic");
        const told = await createStack(world).up({
          resources: [topic(a, {}, { options: { additionalSecretOutputs: ["arn"] } })],
          outputs: { arn: [a, "arn"] },
        });
        expect(told.outputs).toEqual({ arn: "[secret]" });
      });
    });

    describe("failures", () => {
      it("keeps what was done, names what failed, and goes on from there", async () => {
        const stack = createStack(world);
        const [a, b, c] = [fresh("topic"), fresh("topic"), fresh("topic")];
        const conflict = { code: "ConflictException", message: "Another operation is in progress." };
        await injectFault(world.pool, { namePattern: b, error: conflict });
        const program = {
          resources: [topic(a), topic(b, {}, { dependsOn: [a] }), topic(c, {}, { dependsOn: [b] })],
        };
        const failed = await stack.up(program);
        expect(failed).toMatchObject({ outcome: "failed", problem: { code: "resource_failed" } });
        expect(failed.problem?.urn).toContain(b);
        expect(failed.problem?.detail).toContain("ConflictException: Another operation is in progress.");
        expect(failed.resources.map((resource) => resource.name)).toEqual([a]);
        expect(failed.events).toContainEqual(expect.objectContaining({ type: "resource.failed" }));
        expect(await exists(world, topicType, topicArn(c))).toBe(false);
        const retried = await stack.up(program);
        expect(retried).toMatchObject({ outcome: "succeeded", did: [`create ${b}`, `create ${c}`] });
      });

      it("deletes nothing after a failure", async () => {
        const stack = createStack(world);
        const [a, b] = [fresh("topic"), fresh("topic")];
        await stack.up({ resources: [topic(a)] });
        await injectFault(world.pool, { namePattern: b, error: { code: "InternalError", message: "No." } });
        expect((await stack.up({ resources: [topic(b)] })).outcome).toBe("failed");
        expect(await exists(world, topicType, topicArn(a))).toBe(true);
      });

      it("refuses what AWS would not take, before anything is applied", async () => {
        const a = fresh("topic");
        const told = await createStack(world).up({ resources: [topic(a, { displayName: "x".repeat(101) })] });
        expect(told).toMatchObject({ outcome: "failed", planDigest: null, steps: [] });
        expect(told.problem?.detail).toContain("displayName");
        expect(told.problem?.urn).toContain(a);
      });

      it("refuses two resources of one URN, and a resource without a provider", async () => {
        const a = fresh("topic");
        const twice = await createStack(world).preview({ resources: [topic(a), topic(a)] });
        expect(twice.problem?.detail).toContain("twice");
        const orphan = await createStack(world).preview({ resources: [topic(a, {}, { provider: "none" })] });
        expect(orphan.problem?.detail).toContain("names no provider");
      });

      it.each([
        ["throws", "The program gave up.", null],
        ["rejects", "Nobody took this rejection.", null],
        ["input", "This input cannot be worked out.", "broken-topic"],
        ["constructor", "The component cannot be made.", "broken-component"],
        ["invokes", "ResourceNotFoundException", null],
      ] as const)("fails a program whose trouble is %s, names the resource, and serves the next run", async (trouble, text, at) => {
        const a = fresh("topic");
        const failed = await createStack(world).up({ resources: [topic(a)], trouble });
        expect(failed).toMatchObject({ outcome: "failed", problem: { code: "program_failed" }, planDigest: null });
        expect(failed.problem?.detail).toContain(text);
        if (at === null) expect(failed.problem?.urn).toBeNull();
        else expect(failed.problem?.urn).toMatch(new RegExp(`::${at}$`));
        expect(await exists(world, topicType, topicArn(a))).toBe(false);
        expect((await createStack(world).preview({ resources: [topic(a)] })).outcome).toBe("succeeded");
      });

      it("passes on what the program logs, once", async () => {
        const told = await createStack(world).up({ resources: [], trouble: "warns" });
        expect(told.diagnostics).toEqual([{ urn: null, severity: "warning", message: "Mind the gap." }]);
      });
    });

    describe("cancel", () => {
      it("lets the running step end and takes no more", async () => {
        const stack = createStack(world);
        const [a, b] = [fresh("topic"), fresh("topic")];
        await injectFault(world.pool, { namePattern: a, latencyMilliseconds: 100 });
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

      it("ends a program that never does", async () => {
        const told = await createStack(world).preview(
          { resources: [topic(fresh("topic"))], trouble: "hangs" },
          { onEvent: (event, cancel) => (event.type === "resource.planned" ? cancel() : undefined) },
        );
        expect(told.outcome).toBe("canceled");
      });
    });

    describe("one at a time", () => {
      it("turns away a second up of a stack while the first is at work", async () => {
        const stack = createStack(world);
        const a = fresh("topic");
        await injectFault(world.pool, { namePattern: a, latencyMilliseconds: 300 });
        const turnedAway: Promise<Told>[] = [];
        const first = await stack.up(
          { resources: [topic(a)] },
          {
            onEvent: (event) => {
              if (event.type === "apply.started") turnedAway.push(stack.up({ resources: [] }));
            },
          },
        );
        expect(first.outcome).toBe("succeeded");
        const [second] = await Promise.all(turnedAway);
        expect(second).toMatchObject({ outcome: "failed", problem: { code: "stack_locked" } });
      });
    });

    describe("crash", () => {
      it("needs recovery when the process died in the middle of an apply, and says of what", async () => {
        const stack = createStack(world);
        const [a, b] = [fresh("topic"), fresh("topic")];
        await injectFault(world.pool, { namePattern: b, crash: "after" });
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
  });
}
