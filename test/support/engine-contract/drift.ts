/**
 * What was changed outside, and the gate and repeated runs. Part of the engine contract, and written by hand: the plain CLI has
 * neither. What it has, drift that is found, taken over and put back, is recorded.
 */
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
  createStack,
  fresh,
  logGroup,
  logGroupType,
  scope,
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

  describe("refresh", () => {
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
  });
}
