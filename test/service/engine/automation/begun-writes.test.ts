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
  const { hear } = followWrites(() => started);
  const open = new Set<string>();
  const note = (change: WriteChange): void => {
    if ("begun" in change) open.add(change.begun.kind);
    else open.delete(change.ended.kind);
  };
  for (const event of events) hear(event).forEach(note);
  return [...open];
};

const eof = "error reading from server: EOF";
const notSaved =
  'failed to save snapshot: An IO error occurred while writing the new snapshot file: blob (key "x") (code=Unknown): no space left on device';
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
    [
      "is open again when the state could not be written after it",
      ["creating"],
      [begins("create"), ends("create"), says(`post-step event returned an error: ${notSaved}`)],
    ],
    [
      "stays open that ends when the state can no longer be written",
      ["updating", "creating"],
      [
        ...[begins("create"), begins("update"), ends("create")],
        ...[says(`resource complete event returned an error: ${notSaved}`), ends("update")],
      ],
    ],
    [
      "was none where the plugin was not asked, since it could not be noted",
      [],
      [begins("create"), says(`pre-step event returned an error: ${notSaved}`)],
    ],
    [
      "is over for good when AWS refused it, also where the state could not be written",
      [],
      [begins("update"), says(refusal), fails("update"), says(`post-step event returned an error: ${notSaved}`)],
    ],
    ["of a second try has only that one's error", [], [says(eof), begins("create"), says(refusal), fails("create")]],
  ])("%s", (_what, open, events) => expect(openAfter(...events)).toEqual(open));

  it("is not begun by a plan", () => {
    const planned = begins("create");
    const event = { ...planned, resourcePreEvent: { ...planned.resourcePreEvent, planning: true } } as EngineEvent;
    expect(followWrites(() => started).hear(event)).toEqual([]);
  });

  it("keeps what a lookup needs", () => {
    const { hear } = followWrites(() => started);
    expect(hear(begins("create"))).toEqual([
      {
        begun: {
          ...{ urn, type, kind: "creating", id: null, startedAt: started },
          draft: { urn, type, custom: true, parent: "stack", provider: "provider::1", inputs: { name: "t" } },
        },
      },
    ]);
    expect(hear(begins("delete", { new: null, old: state("arn:t") }))).toMatchObject([
      { begun: { kind: "deleting", id: "arn:t", draft: null } },
    ]);
  });

  const answer = (status: number, code: string): string =>
    `operation error IAM: CreateRole, https response error StatusCode: ${status}, RequestID: 0, ${code}`;
  const noEnd = "waiting for SSO Account Assignment create: timeout while waiting for state to become 'SUCCEEDED'";
  it.each([
    [eof, "creating", true],
    [
      'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
      "creating",
      true,
    ],
    ["context canceled", "updating", true],
    [
      "operation error SNS: CreateTopic, https response error StatusCode: 0, RequestID: , request send failed",
      "deleting",
      true,
    ],
    [refusal, "creating", false],
    [answer(409, "EntityAlreadyExists: taken"), "creating", false],
    [answer(500, "api error InternalFailure: x"), "creating", true],
    [answer(503, "api error UnknownError: UnknownError"), "creating", true],
    [answer(503, "api error UnknownError: UnknownError"), "updating", false],
    [answer(503, "api error SlowDown: Please reduce your request rate."), "creating", false],
    [noEnd, "creating", true],
    [noEnd, "deleting", false],
  ] as const)("leaves doubt by %s, %s: %s", (message, kind, doubt) => expect(leavesDoubt(message, kind)).toBe(doubt));
});
