/** What steps a program comes to, and what is applied. Part of the engine contract. */
import {
  attachment,
  createStack,
  exists,
  fresh,
  logGroup,
  logGroupType,
  role,
  roleType,
  scope,
  stepOf,
  topic,
  topicArn,
  topicType,
  type EngineWorld,
} from "../engine.ts";
import type { TestResource } from "../test-programs.ts";

export function describeSteps(world: () => EngineWorld): void {
  describe("preview and up", () => {
    it("previews creations without touching the account, and leaves no trace", async () => {
      const stack = createStack(world());
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
      expect(await exists(world(), topicType, topicArn(a))).toBe(false);
    });

    it("applies exactly what was approved, and then finds nothing to do", async () => {
      const stack = createStack(world());
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
      const stack = createStack(world());
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
      const preview = await createStack(world()).preview(program);
      expect(stepOf(preview, a)?.diff).toContainEqual({ path: "kmsMasterKeyId", from: null, to: "[unknown]" });
      expect(preview.outputs).toEqual({ key: "[unknown]" });
    });

    it("updates in place, with the difference", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      await stack.up({ resources: [topic(a, { displayName: "before" })] });
      const up = await stack.up({ resources: [topic(a, { displayName: "after" })] });
      expect(up.did).toEqual([`update ${a}`]);
      expect(stepOf(up, a)?.diff).toEqual([{ path: "displayName", from: "before", to: "after" }]);
    });

    it("names components by their chain of parents, without the stack", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      const told = await stack.preview({
        resources: [{ type: "Component", name: "outer" }, topic(a, {}, { parent: "outer" })],
      });
      expect(stepOf(told, a)?.urn).toBe(`urn:pulumi:${stack.name}::gatehouse::test:index:Component$${topicType}::${a}`);
    });

    it("refuses a plan that is not the approved one, and applies nothing", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("topic"), fresh("topic")];
      const preview = await stack.preview({ resources: [topic(a)] });
      const stale = await stack.up({ resources: [topic(a), topic(b)] }, { approved: preview.planDigest! });
      expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" }, steps: [] });
      expect(stale.problem?.detail).toContain(b);
      expect(stale.events.map(({ type }) => type)).not.toContain("apply.started");
      expect(await exists(world(), topicType, topicArn(a))).toBe(false);
    });
  });

  describe("replacement", () => {
    it("makes the new one first where names differ, and deletes the old one last", async () => {
      const stack = createStack(world());
      const [before, after] = [fresh("topic"), fresh("topic")];
      const topicNamed = (physical: string): TestResource => ({ ...topic("t"), inputs: { name: physical } });
      await stack.up({ resources: [topicNamed(before)] });
      const up = await stack.up({ resources: [topicNamed(after)] });
      expect(up.did).toEqual(["replace t"]);
      expect(stepOf(up, "t")?.diff).toEqual([{ path: "name", from: before, to: after, replaces: true }]);
      expect(await exists(world(), topicType, topicArn(after))).toBe(true);
      expect(await exists(world(), topicType, topicArn(before))).toBe(false);
      expect((await stack.preview({ resources: [topicNamed(after)] })).did).toEqual([]);
    });

    it("deletes the old one first where the name stays", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      await stack.up({ resources: [logGroup(a)] });
      const up = await stack.up({ resources: [logGroup(a, { logGroupClass: "INFREQUENT_ACCESS" })] });
      expect(up).toMatchObject({ outcome: "succeeded", did: [`replace ${a}`] });
    });

    it("replaces what cannot follow the replacement in place", async () => {
      const stack = createStack(world());
      const [r, at] = [fresh("role"), fresh("attachment")];
      await stack.up({ resources: [role(r), attachment(at, r)] });
      const moved = { resources: [role(r, { path: "/moved/" }), attachment(at, r)] };
      const preview = await stack.preview(moved);
      expect(preview.did).toEqual([`replace ${r}`, `replace ${at}`]);
      const up = await stack.up(moved, { approved: preview.planDigest! });
      expect(up).toMatchObject({ outcome: "succeeded", did: [`replace ${r}`, `replace ${at}`] });
    });

    it("replaces for a property that the program says replaces", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      const options = { replaceOnChanges: ["displayName"] };
      await stack.up({ resources: [topic(a, { displayName: "1" }, { options })] });
      const told = await stack.preview({ resources: [topic(a, { displayName: "2" }, { options })] });
      expect(told.did).toEqual([`replace ${a}`]);
    });
  });

  describe("deletion", () => {
    it("deletes what the program no longer names, dependents first, after everything else", async () => {
      const stack = createStack(world());
      const [r, at, t] = [fresh("role"), fresh("attachment"), fresh("topic")];
      await stack.up({ resources: [role(r), attachment(at, r)] });
      const up = await stack.up({ resources: [topic(t)] });
      expect(up.did).toEqual([`create ${t}`, `delete ${at}`, `delete ${r}`]);
    });

    it("forgets without deleting what is retained, by what the last up said", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      await stack.up({ resources: [logGroup(a, {}, { options: { retainOnDelete: true } })] });
      const up = await stack.up({ resources: [] });
      expect(stepOf(up, a)).toMatchObject({ op: "delete", retain: true });
      expect(up.resources).toEqual([]);
      expect(await exists(world(), logGroupType, a)).toBe(true);
    });

    it("destroys everything that it previewed", async () => {
      const stack = createStack(world());
      const [r, at] = [fresh("role"), fresh("attachment")];
      await stack.up({ resources: [role(r), attachment(at, r)] });
      const preview = await stack.previewDestroy();
      expect(preview.changes.delete).toBe(4);
      const destroyed = await stack.destroy({ approved: preview.planDigest! });
      expect(destroyed).toMatchObject({ outcome: "succeeded", resources: [], outputs: {} });
      expect(await exists(world(), roleType, r)).toBe(false);
      expect((await stack.previewDestroy()).steps).toEqual([]);
    });

    it("refuses to destroy what changed since the preview", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("topic"), fresh("topic")];
      await stack.up({ resources: [topic(a)] });
      const preview = await stack.previewDestroy();
      await stack.up({ resources: [topic(a), topic(b)] });
      expect(await stack.destroy({ approved: preview.planDigest! })).toMatchObject({
        outcome: "failed",
        problem: { code: "preview_stale" },
      });
      expect(await exists(world(), topicType, topicArn(a))).toBe(true);
    });
  });
}
