/** Stacks in doubt, and the way out. Part of the engine contract. */
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import { editResource, listResources, removeResource } from "../../../service/cloud/simulated/out-of-band.ts";
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
  topicArn,
  topicType,
  type EngineWorld,
} from "../engine.ts";

const keyType = "aws:kms/key:Key";

export function describeRecovery(world: () => EngineWorld): void {
  describe("recovery", () => {
    it("records a create that happened, and never makes it a second time, also where another region has one of its name", async () => {
      const stack = createStack(world());
      const [a, b, c] = [fresh("group"), fresh("group"), fresh("group")];
      const program = {
        providers: { west: { account: scope.account, region: "eu-west-1" } },
        resources: [
          logGroup(a),
          logGroup(b, { name: a }, { dependsOn: [a], provider: "west" }),
          logGroup(c, {}, { dependsOn: [b] }),
        ],
      };
      await injectFault(world().pool, { namePattern: b, crash: "after" });
      const crashed = await stack.up(program);
      expect(crashed.outcome).toBe("needs_recovery");
      expect(crashed.pending).toEqual([
        { urn: expect.stringContaining(b) as string, type: logGroupType, kind: "creating" },
      ]);
      expect(crashed.did).toContain(`create ${a}`);
      const recovered = await stack.recover("refresh");
      expect(recovered).toMatchObject({ outcome: "succeeded", pending: [], problem: null, steps: [] });
      expect(recovered.resources.map(({ id, region }) => [id, region])).toEqual([
        [a, "us-east-1"],
        [a, "eu-west-1"],
      ]);
      expect((await stack.up(program)).did).toEqual([`create ${c}`]);
      expect(await callsOf(world(), a)).toEqual(["create", "create"]);
    });

    it("clears a create that did not happen", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      await injectFault(world().pool, { namePattern: a, crash: "before" });
      expect((await stack.up({ resources: [logGroup(a)] })).outcome).toBe("needs_recovery");
      expect(await stack.recover("refresh")).toMatchObject({ outcome: "succeeded", resources: [] });
      expect((await stack.up({ resources: [logGroup(a)] })).did).toContain(`create ${a}`);
      expect(await callsOf(world(), a)).toEqual(["create"]);
    });

    it("finds what AWS names itself by its inputs, and leaves alone what other stacks hold", async () => {
      const key = (name: string) => ({ type: keyType, name, inputs: { description: "One of two" }, outputs: ["arn"] });
      const [other, stack] = [createStack(world()), createStack(world())];
      await other.up({ resources: [key(fresh("key"))] });
      const mine = fresh("key");
      await injectFault(world().pool, { namePattern: mine, crash: "after" });
      expect((await stack.up({ resources: [key(mine)] })).outcome).toBe("needs_recovery");
      const recovered = await stack.recover("refresh");
      expect(recovered).toMatchObject({ outcome: "succeeded", resources: [{ name: mine }] });
      expect((await stack.up({ resources: [key(mine)] })).did).toEqual([]);
    });

    it.each(["before", "after"] as const)("reads an update back that was interrupted %s AWS did it", async (when) => {
      const stack = createStack(world());
      const a = fresh("group");
      const program = (retentionInDays: number) => ({ resources: [logGroup(a, { retentionInDays })] });
      await stack.up(program(7));
      await injectFault(world().pool, { namePattern: a, verb: "update", crash: when });
      const crashed = await stack.up(program(30));
      expect(crashed.pending.map(({ kind }) => kind)).toEqual(["updating"]);
      expect((await stack.recover("refresh")).outcome).toBe("succeeded");
      expect((await stack.up(program(30))).did).toEqual(when === "after" ? [] : [`update ${a}`]);
      expect(await callsOf(world(), a)).toEqual(["create", "update"]);
    });

    it.each(["before", "after"] as const)("settles a delete that was interrupted %s AWS did it", async (when) => {
      const stack = createStack(world());
      const a = fresh("group");
      await stack.up({ resources: [logGroup(a)] });
      await injectFault(world().pool, { namePattern: a, verb: "delete", crash: when });
      expect((await stack.destroy()).pending.map(({ kind }) => kind)).toEqual(["deleting"]);
      const recovered = await stack.recover("refresh");
      expect(recovered.resources).toHaveLength(when === "after" ? 0 : 1);
      expect(await stack.destroy()).toMatchObject({ outcome: "succeeded", resources: [] });
      expect(await callsOf(world(), a)).toEqual(["create", "delete"]);
    });

    it("deletes the old one later when a replacement was interrupted after the new one was made", async () => {
      const stack = createStack(world());
      const [before, after] = [fresh("group"), fresh("group")];
      const program = (physical: string) => ({ resources: [{ ...logGroup("g"), inputs: { name: physical } }] });
      await stack.up(program(before));
      await injectFault(world().pool, { typePattern: logGroupType, namePattern: "g", verb: "create", crash: "after" });
      expect((await stack.up(program(after))).outcome).toBe("needs_recovery");
      expect((await stack.recover("refresh")).resources.map(({ id }) => id)).toEqual([after]);
      expect((await stack.up(program(after))).outcome).toBe("succeeded");
      expect([await callsOf(world(), before), await callsOf(world(), after)]).toEqual([
        ["create", "delete"],
        ["create"],
      ]);
    });

    it("reads all that the stack holds: what is gone is dropped, what differs is recorded, the account untouched", async () => {
      const stack = createStack(world());
      const [gone, changed] = [fresh("topic"), fresh("group")];
      const program = { resources: [topic(gone), logGroup(changed, { retentionInDays: 7 })] };
      await stack.up(program);
      await removeResource(accountOf(world()), topicType, topicArn(gone), scope);
      await editResource(accountOf(world()), logGroupType, changed, { retentionInDays: 30 }, scope);
      const account = await listResources(world());
      const recovered = await stack.recover("refresh");
      expect(recovered.resources.map(({ name }) => name)).toEqual([changed]);
      expect(recovered.diagnostics.map(({ message }) => message).join()).toMatch(/retentionInDays/);
      expect(await listResources(world())).toEqual(account);
      expect((await stack.preview(program)).did.sort()).toEqual([`create ${gone}`, `update ${changed}`].sort());
    });

    it("unlocks only a stack of which nothing is in doubt", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      await injectFault(world().pool, { namePattern: a, crash: "before" });
      await stack.up({ resources: [topic(a)] });
      expect(await stack.recover("unlock")).toMatchObject({
        outcome: "needs_recovery",
        problem: { code: "recovery_required" },
        pending: [{ kind: "creating" }],
      });
      expect((await stack.recover("refresh")).outcome).toBe("succeeded");
      expect(await stack.recover("unlock")).toMatchObject({ outcome: "succeeded", problem: null });
      expect(await exists(world(), topicType, topicArn(a))).toBe(false);
    });
  });
}
