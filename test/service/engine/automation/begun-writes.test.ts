/** What the CLI's events say of writes whose end nobody knows. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import {
  followWrites,
  leavesDoubt,
  type WriteChange,
} from "../../../../service/engine/automation/recovery/begun-writes.ts";

const urn = "urn:pulumi:environment.a::gatehouse::aws:sns/topic:Topic::t";
const type = "aws:sns/topic:Topic";
const started = new Date("2026-11-22T20:00:00Z");

const state = (id: string) => ({
  ...{ urn, type, id, custom: true, parent: "stack", provider: "provider::1", inputs: { name: "t" }, outputs: {} },
});

const step = (op: string, more: object = {}) => ({
  ...{ sequence: 1, timestamp: 1 },
  metadata: { op, urn, type, provider: "", new: state(""), ...more },
});

const begins = (op: string, more?: object): EngineEvent =>
  ({ ...{ sequence: 1, timestamp: 1 }, resourcePreEvent: step(op, more) }) as EngineEvent;
const ends = (op: string): EngineEvent =>
  ({ ...{ sequence: 1, timestamp: 1 }, resOutputsEvent: step(op) }) as EngineEvent;
const fails = (op: string): EngineEvent =>
  ({ ...{ sequence: 1, timestamp: 1 }, resOpFailedEvent: { ...step(op), status: 0, steps: 0 } }) as EngineEvent;
const says = (message: string): EngineEvent => ({
  ...{ sequence: 1, timestamp: 1 },
  diagnosticEvent: { urn, message, severity: "error", color: "never" },
});

/** Kinds of writes that are open after these events. */
const openAfter = (...events: EngineEvent[]): string[] => {
  const follow = followWrites(() => started);
  const open = new Set<string>();
  const note = (change: WriteChange | null): void => {
    if (change === null) return;
    if ("begun" in change) open.add(change.begun.kind);
    else open.delete(change.ended.kind);
  };
  for (const event of events) note(follow(event));
  return [...open];
};

const eof = "error reading from server: EOF";
const refusal =
  "creating SNS Topic (t): operation error SNS: CreateTopic, https response error StatusCode: 400, RequestID: 0, api error Throttling: slow";

describe("a write", () => {
  it.each<[string, string[], EngineEvent[]]>([
    ["is open from its begin", ["creating"], [begins("create")]],
    ["is over with its outputs", [], [begins("create"), ends("create")]],
    ["is over when AWS refused it", [], [begins("update"), says(refusal), fails("update")]],
    ["stays open when the plugin is gone", ["creating"], [begins("create"), says(eof), fails("create")]],
    ["stays open when it failed without a word", ["creating"], [begins("create"), fails("create")]],
    [
      "is a part of a replacement too",
      ["creating", "deleting"],
      [begins("create-replacement"), begins("delete-replaced")],
    ],
    ["is none where nothing is written", [], ["same", "read", "import", "replace", "refresh"].map((op) => begins(op))],
    ["is none of a component's", [], [begins("create", { new: { ...state(""), custom: false } })]],
    ["is none of a provider's", [], [begins("create", { type: "pulumi:providers:aws" })]],
    ["of a second try has only that one's error", [], [says(eof), begins("create"), says(refusal), fails("create")]],
  ])("%s", (_what, open, events) => expect(openAfter(...events)).toEqual(open));

  it("is not begun by a plan", () => {
    const planned = begins("create");
    const event = { ...planned, resourcePreEvent: { ...planned.resourcePreEvent, planning: true } } as EngineEvent;
    expect(followWrites(() => started)(event)).toBeNull();
  });

  it("keeps what a lookup needs", () => {
    const follow = followWrites(() => started);
    expect(follow(begins("create"))).toEqual({
      begun: {
        ...{ urn, type, kind: "creating", id: null, startedAt: started },
        draft: { urn, type, custom: true, parent: "stack", provider: "provider::1", inputs: { name: "t" } },
      },
    });
    const { begun } = follow(begins("delete", { new: null, old: state("arn:t") })) as { begun: object };
    expect(begun).toMatchObject({ kind: "deleting", id: "arn:t", draft: null });
  });

  it.each([
    [eof, true],
    [
      'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
      true,
    ],
    ["context canceled", true],
    ["operation error SNS: CreateTopic, https response error StatusCode: 0, RequestID: , request send failed", true],
    [refusal, false],
    ["operation error IAM: CreateRole, https response error StatusCode: 409, EntityAlreadyExists", false],
  ])("leaves doubt by %s: %s", (message, doubt) => expect(leavesDoubt(message)).toBe(doubt));
});
