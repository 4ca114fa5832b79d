/** Resource options and secrets. Part of the engine contract. */
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import { addResource } from "../../../service/cloud/simulated/out-of-band.ts";
import {
  accountOf,
  createStack,
  exists,
  fresh,
  logGroup,
  logGroupType,
  scope,
  stepOf,
  topic,
  type EngineWorld,
} from "../engine.ts";

export function describeOptions(world: () => EngineWorld): void {
  describe("resource options", () => {
    it("keeps a protected resource from being deleted, replaced and destroyed", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      const options = { protect: true };
      await stack.up({ resources: [logGroup(a, {}, { options })] });
      const replacing = { resources: [logGroup(a, { logGroupClass: "INFREQUENT_ACCESS" }, { options })] };
      for (const told of [await stack.up({ resources: [] }), await stack.up(replacing), await stack.destroy()]) {
        expect(told).toMatchObject({ outcome: "failed", problem: { code: "resource_failed", failure: "protected" } });
        expect(told.problem?.urn).toContain(a);
        expect(told.events.map(({ type }) => type)).not.toContain("apply.started");
      }
      expect(await exists(world(), logGroupType, a)).toBe(true);
    });

    it("takes back protection with the program's word", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      await stack.up({ resources: [topic(a, {}, { options: { protect: true } })] });
      expect((await stack.up({ resources: [topic(a)] })).did).toEqual([]);
      expect((await stack.up({ resources: [] })).did).toEqual([`delete ${a}`]);
    });

    it("ignores changes that it was told to ignore", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      await stack.up({ resources: [topic(a, { displayName: "kept", tags: { one: "1" } })] });
      const options = { ignoreChanges: ["displayName", "tags.two"] };
      const changed = topic(a, { displayName: "ignored", tags: { one: "1", two: "2" } }, { options });
      expect((await stack.preview({ resources: [changed] })).did).toEqual([]);
    });

    it("imports what exists, in whatever region, updates what differs, and does so once", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("group"), fresh("elsewhere")];
      const region = "eu-west-1";
      await addResource(accountOf(world()), logGroupType, { name: a, retentionInDays: 7 }, scope);
      await addResource(accountOf(world()), logGroupType, { name: b }, { ...scope, region });
      const program = {
        resources: [
          logGroup(a, { retentionInDays: 30 }, { options: { import: a } }),
          logGroup(b, { region }, { options: { import: `${b}@${region}` } }),
        ],
      };
      const preview = await stack.preview(program);
      expect(preview.did).toEqual(expect.arrayContaining([`import ${a}`, `import ${b}`]));
      expect(stepOf(preview, b)?.diff).toEqual([]);
      expect(stepOf(preview, a)?.diff).toEqual([{ path: "retentionInDays", from: 7, to: 30 }]);
      expect((await stack.up(program, { approved: preview.planDigest! })).outcome).toBe("succeeded");
      expect((await stack.preview(program)).did).toEqual([]);
    });

    it("refuses to import what is not there, or what could only be replaced", async () => {
      const [absent, fixed] = [fresh("group"), fresh("group")];
      const missing = await createStack(world()).preview({
        resources: [logGroup(absent, {}, { options: { import: absent } })],
      });
      expect(missing).toMatchObject({ outcome: "failed", problem: { code: "resource_failed", failure: "not_found" } });
      await addResource(accountOf(world()), logGroupType, { name: fixed }, scope);
      const different = await createStack(world()).preview({
        resources: [logGroup(fixed, { logGroupClass: "INFREQUENT_ACCESS" }, { options: { import: fixed } })],
      });
      expect(different.problem).toMatchObject({ code: "adoption_differs", failure: "import_differs" });
      expect(different.problem?.detail).toContain("logGroupClass");
    });
  });

  describe("secrets", () => {
    const secretTopic = (name: string, displayName: string) =>
      topic(name, { displayName }, { secret: ["displayName"], outputs: ["arn", "displayName"] });

    it("never shows a secret, and takes a changed one for another plan", async () => {
      const stack = createStack(world());
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
      await injectFault(world().pool, { namePattern: a, error: { code: "InvalidParameter", message } });
      const told = await createStack(world()).up({ resources: [secretTopic(a, "correct-horse")] });
      expect(told.problem?.detail).toContain("does not like [secret] at all");
      expect(JSON.stringify(told)).not.toContain("correct-horse");
    });

    it("makes outputs secret that the program names", async () => {
      const a = fresh("topic");
      const told = await createStack(world()).up({
        resources: [topic(a, {}, { options: { additionalSecretOutputs: ["arn"] } })],
        outputs: { arn: [a, "arn"] },
      });
      expect(told.outputs).toEqual({ arn: "[secret]" });
    });
  });
}
