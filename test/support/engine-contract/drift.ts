/** What was changed outside: found, taken over, put back. Part of the engine contract. */
import {
  editResource,
  listCalls,
  listResources,
  removeResource,
} from "../../../service/cloud/simulated/out-of-band.ts";
import type { Step } from "../../../service/engine/engine.ts";
import type { TestArguments } from "../test-programs.ts";
import {
  accountOf,
  attachment,
  attachmentType,
  callsOf,
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
  type Stack,
} from "../engine.ts";

/** As `update group-a`, with what differs. */
const told = (steps: readonly Step[]): [string, Step["diff"]][] =>
  steps.filter(({ op }) => op !== "same").map(({ op, name, diff }) => [`${op} ${name}`, diff]);

interface Drifted {
  stack: Stack;
  program: TestArguments;
  changed: string;
  gone: string;
}

export function describeDrift(world: () => EngineWorld): void {
  const edit = (name: string, changes: { retentionInDays: number }): Promise<void> =>
    editResource(accountOf(world()), logGroupType, name, changes, scope);

  /** A stack of which somebody changed one resource and deleted another. */
  async function drifted(): Promise<Drifted> {
    const stack = createStack(world());
    const [changed, gone, kept] = [fresh("group"), fresh("topic"), fresh("topic")];
    const program = { resources: [logGroup(changed, { retentionInDays: 7 }), topic(gone), topic(kept)] };
    expect((await stack.up(program)).outcome).toBe("succeeded");
    await edit(changed, { retentionInDays: 30 });
    await removeResource(accountOf(world()), topicType, topicArn(gone), scope);
    return { stack, program, changed, gone };
  }
  const driftOf = ({ changed, gone }: Drifted): ReturnType<typeof told> => [
    [`update ${changed}`, [{ path: "retentionInDays", from: 7, to: 30 }]],
    [`delete ${gone}`, []],
  ];

  describe("drift check", () => {
    it("names what differs and what is gone, and touches neither state nor account", async () => {
      const made = await drifted();
      const { stack, program } = made;
      const account = await listResources(world());
      const check = await stack.driftCheck();
      expect(check).toMatchObject({ outcome: "succeeded", problem: null, planDigest: null, pending: [] });
      expect(told(check.steps).sort()).toEqual(driftOf(made).sort());
      expect(told(check.drift).sort()).toEqual(driftOf(made).sort());
      expect(check.changes).toMatchObject({ update: 1, delete: 1, same: 1, create: 0 });
      expect(check.events.filter(({ type }) => type === "resource.read")).toHaveLength(3);
      expect(await listResources(world())).toEqual(account);
      expect((await stack.preview(program)).did).toEqual([]);
      expect(told((await stack.driftCheck()).steps).sort()).toEqual(driftOf(made).sort());
    });

    it("finds nothing where nobody changed anything, and nothing to read in a stack that never was", async () => {
      const stack = createStack(world());
      const roleName = fresh("role");
      await stack.up({ resources: [role(roleName), attachment(fresh("attachment"), roleName), topic(fresh("topic"))] });
      const check = await stack.driftCheck();
      expect(check).toMatchObject({ outcome: "succeeded", drift: [], changes: { same: 3 } });
      expect(await createStack(world()).driftCheck()).toMatchObject({ outcome: "succeeded", steps: [], drift: [] });
    });

    it("shows no secret on either side", async () => {
      const stack = createStack(world());
      const a = fresh("topic");
      await stack.up({ resources: [topic(a, { displayName: "correct-horse" }, { secret: ["displayName"] })] });
      await editResource(accountOf(world()), topicType, topicArn(a), { displayName: "battery-staple" }, scope);
      const check = await stack.driftCheck();
      expect(told(check.drift)).toEqual([[`update ${a}`, [{ path: "displayName", from: "[secret]", to: "[secret]" }]]]);
      expect(JSON.stringify(check)).not.toMatch(/correct-horse|battery-staple/);
    });
  });

  describe("refresh", () => {
    it("has the state take over what the account says, and leaves the account alone", async () => {
      const made = await drifted();
      const { stack, program, changed, gone } = made;
      const account = await listResources(world());
      const refreshed = await stack.refresh();
      expect(refreshed).toMatchObject({ outcome: "succeeded", problem: null });
      expect(told(refreshed.steps).sort()).toEqual(driftOf(made).sort());
      expect(refreshed.resources.map(({ name }) => name)).not.toContain(gone);
      expect(await listResources(world())).toEqual(account);
      expect(await stack.driftCheck()).toMatchObject({ drift: [] });
      expect((await stack.preview(program)).did.sort()).toEqual([`create ${gone}`, `update ${changed}`].sort());
    });

    it("that is run again, its result lost, tells the same", async () => {
      const made = await drifted();
      const operation = { operationId: fresh("operation") };
      await made.stack.refresh(operation);
      const again = await made.stack.refresh({ ...operation, attempt: 2 });
      expect(told(again.drift).sort()).toEqual(driftOf(made).sort());
      expect(again.changes).toMatchObject({ update: 1, delete: 1, same: 1 });
    });

    it("makes what was previewed before stale", async () => {
      const { stack, program } = await drifted();
      const { planDigest } = await stack.preview({ resources: program.resources.slice(0, 2) });
      await stack.refresh();
      const stale = await stack.up({ resources: program.resources.slice(0, 2) }, { approved: planDigest! });
      expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" } });
    });
  });

  describe("runs that begin with a refresh", () => {
    it("put back what was changed, and make what is gone again", async () => {
      const made = await drifted();
      const { stack, program, changed, gone } = made;
      expect((await stack.preview(program)).did).toEqual([]);
      const preview = await stack.preview(program, { refresh: true });
      expect(preview.did.sort()).toEqual([`create ${gone}`, `update ${changed}`].sort());
      expect(told(preview.drift).sort()).toEqual(driftOf(made).sort());
      expect(stepOf(preview, changed)?.diff).toEqual([{ path: "retentionInDays", from: 30, to: 7 }]);
      expect(await exists(world(), topicType, topicArn(gone))).toBe(false);
      const up = await stack.up(program, { refresh: true, approved: preview.planDigest! });
      expect(up).toMatchObject({ outcome: "succeeded", problem: null });
      expect(up.did.sort()).toEqual(preview.did.sort());
      expect(await callsOf(world(), gone)).toEqual(["create", "create"]);
      expect(await stack.driftCheck()).toMatchObject({ drift: [] });
      expect((await stack.preview(program, { refresh: true })).did).toEqual([]);
    });

    it("apply nothing when the account drifted since the preview", async () => {
      const { stack, program, changed } = await drifted();
      const preview = await stack.preview(program, { refresh: true });
      await edit(changed, { retentionInDays: 90 });
      const account = await listResources(world());
      const calls = await listCalls(world());
      const stale = await stack.up(program, { refresh: true, approved: preview.planDigest! });
      expect(stale).toMatchObject({ outcome: "failed", steps: [], problem: { code: "preview_stale" } });
      expect(stale.events.map(({ type }) => type)).not.toContain("apply.started");
      expect([await listResources(world()), await listCalls(world())]).toEqual([account, calls]);
    });

    it("apply nothing when the account drifted in what the plan leaves as it is", async () => {
      const stack = createStack(world());
      const [a, b] = [fresh("group"), fresh("topic")];
      const program = { resources: [logGroup(a, { retentionInDays: 7 }), topic(b)] };
      await stack.up(program);
      const wanted = { resources: [...program.resources, topic(fresh("topic"))] };
      const preview = await stack.preview(wanted, { refresh: true });
      await edit(a, { retentionInDays: 30 });
      const stale = await stack.up(wanted, { refresh: true, approved: preview.planDigest! });
      expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" } });
      // Without a refresh nobody looks, and nobody sees.
      const blind = await stack.preview(wanted);
      await edit(a, { retentionInDays: 60 });
      expect((await stack.up(wanted, { approved: blind.planDigest! })).outcome).toBe("succeeded");
    });

    it("take what somebody set to the wanted value for done", async () => {
      const stack = createStack(world());
      const a = fresh("group");
      await stack.up({ resources: [logGroup(a, { retentionInDays: 7 })] });
      await edit(a, { retentionInDays: 30 });
      const wanted = { resources: [logGroup(a, { retentionInDays: 30 })] };
      expect((await stack.preview(wanted)).did).toEqual([`update ${a}`]);
      const up = await stack.up(wanted, { refresh: true });
      expect(up.did).toEqual([]);
      expect(await stack.driftCheck()).toMatchObject({ drift: [] });
    });

    it("make anew what stands on something that is gone", async () => {
      const stack = createStack(world());
      const [a, attached] = [fresh("role"), fresh("attachment")];
      const program = { resources: [role(a), attachment(attached, a)] };
      await stack.up(program);
      const account = accountOf(world());
      const [row] = (await listResources(world(), { type: attachmentType })).filter(({ id }) => id.includes(a));
      await removeResource(account, attachmentType, row?.id ?? "", scope);
      await removeResource(account, roleType, a, scope);
      const up = await stack.up(program, { refresh: true });
      expect(up).toMatchObject({ outcome: "succeeded", did: [`create ${a}`, `create ${attached}`] });
      expect(await exists(world(), roleType, a)).toBe(true);
    });

    it("destroy what is left, and forget what is gone", async () => {
      const { stack, gone } = await drifted();
      const destroyed = await stack.destroy({ refresh: true });
      expect(destroyed).toMatchObject({ outcome: "succeeded", resources: [] });
      expect(destroyed.did).not.toContain(`delete ${gone}`);
      expect(await callsOf(world(), gone)).toEqual(["create"]);
    });
  });
}
