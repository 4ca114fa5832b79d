/** What the CLI's events of a refresh come to: drift, and whether the account stood still between plan and apply. */
import { createAccountReads, readStep, type Read } from "../../../../service/engine/automation/run/account-reads.ts";
import { isTakenOver } from "../../../../service/engine/automation/run/refresh-run.ts";
import type { JsonObject } from "../../../../service/domain/json.ts";
import type { EngineEvent, Step } from "../../../../service/engine/engine.ts";
import type { StepMetadata, ToldState } from "../../../../service/engine/automation/run/told-steps.ts";

const type = "aws:cloudwatch/logGroup:LogGroup";
const urn = `urn:pulumi:environment.a::gatehouse::${type}::group`;
const state = (inputs: JsonObject, more: Partial<ToldState> = {}): ToldState => ({
  id: "group",
  custom: true,
  provider: "",
  inputs,
  outputs: {},
  retainOnDelete: false,
  protect: false,
  delete: false,
  ...more,
});
const read = (more: Partial<Read> = {}): Read => ({
  op: "refresh",
  urn,
  type,
  old: state({ retentionInDays: 7 }),
  new: state({ retentionInDays: 7 }),
  detailedDiff: null,
  diffs: [],
  keys: [],
  ...more,
});

describe("the step that a read stands for", () => {
  it("is an update where the provider finds inputs that differ, and shows what it filled in as nothing", () => {
    const found = { __defaults: ["retentionInDays"], retentionInDays: 0, tags: { a: "1" } };
    const detailedDiff = { retentionInDays: "update-replace", "tags.a": "add" };
    expect(readStep(read({ new: state(found), detailedDiff }))).toEqual({
      op: "update",
      urn,
      type,
      name: "group",
      diff: [
        { path: "retentionInDays", from: 7, to: null },
        { path: "tags.a", from: null, to: "1" },
      ],
    });
  });

  it("is the same where only outputs differ, or the same is written in other words", () => {
    const found = state({ retentionInDays: 7 }, { outputs: { arn: "another" } });
    expect(readStep(read({ op: "update", new: found, detailedDiff: {} }))).toMatchObject({ op: "same", diff: [] });
  });

  it("is a delete of what is gone", () => {
    expect(readStep(read({ new: null }))).toMatchObject({ op: "delete", diff: [] });
  });

  it("is none for components, for providers, and for what only waits for its deletion", () => {
    expect(readStep(read({ old: state({}, { custom: false }) }))).toBeNull();
    expect(readStep(read({ type: "pulumi:providers:aws" }))).toBeNull();
    expect(readStep(read({ old: state({}, { delete: true }) }))).toBeNull();
  });
});

const readEvent = (retentionInDays: number, planning: boolean, op = "refresh") => {
  const told = { urn, type, id: "group", custom: true, provider: "", parent: "", outputs: {} };
  const metadata: unknown = {
    ...{ op, urn, type, provider: "", diffs: ["retentionInDays"] },
    old: { ...told, inputs: { retentionInDays: 7 } },
    new: { ...told, inputs: { retentionInDays } },
    detailedDiff: retentionInDays === 7 ? null : { retentionInDays: { diffKind: "update", inputDiff: true } },
  };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata: metadata as StepMetadata, planning } };
};

describe("reads of a run that plans and applies", () => {
  it("are told once, and not mixed with what is done", () => {
    const events: EngineEvent[] = [];
    const reads = createAccountReads({ readsOnly: false, onEvent: (event) => events.push(event) });
    [readEvent(30, true), readEvent(7, true, "update"), readEvent(30, false), readEvent(7, false, "update")].forEach(
      reads.take,
    );
    expect(events).toMatchObject([{ type: "resource.read", step: { op: "update" } }]);
    expect(reads.steps()).toHaveLength(1);
  });

  it("wait for the second reading, and name what it found otherwise than the first", async () => {
    const reads = createAccountReads({ readsOnly: false, onEvent: () => undefined });
    reads.take(readEvent(30, true));
    const changed = reads.changedSincePlan();
    reads.take(readEvent(90, false));
    expect(await changed).toEqual([urn]);
  });

  it("say that nothing changed where both found the same, and where nothing was read", async () => {
    const reads = createAccountReads({ readsOnly: false, onEvent: () => undefined });
    expect(await reads.changedSincePlan()).toEqual([]);
    reads.take(readEvent(30, true));
    reads.take(readEvent(30, false));
    expect(await reads.changedSincePlan()).toEqual([]);
  });
});

describe("what an earlier run of a refresh found", () => {
  const update: Step = { op: "update", urn, type, name: "group", diff: [{ path: "retentionInDays", from: 7, to: 30 }] };
  const gone: Step = { ...update, op: "delete", diff: [] };

  it("counts where the state has it by now", () => {
    expect(isTakenOver(update, [read({ old: state({ retentionInDays: 30 }) })])).toBe(true);
    expect(isTakenOver(gone, [])).toBe(true);
  });

  it("does not count where that run ended before it was recorded", () => {
    expect(isTakenOver(update, [read()])).toBe(false);
    expect(isTakenOver(gone, [read()])).toBe(false);
    expect(isTakenOver(update, [])).toBe(false);
  });
});
