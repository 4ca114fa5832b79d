/** How a run by the CLI ended: what was told counts, and an exit code of 0 alone says nothing. */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { createRunEvents } from "../../../../service/engine/automation/run/run-events.ts";
import { problemOf, type RunEvidence } from "../../../../service/engine/automation/run/run-result.ts";

const nothingTold = createRunEvents({
  onEvent: () => undefined,
  redact: (message) => message,
  destroys: false,
  onDone: () => undefined,
  record: { resources: [], appliedArguments: null },
  home: { account: "111122223333", region: "us-east-1" },
});
const told: RunEvidence["events"] = { ...nothingTold, isPlanTold: () => true };
const evidence: RunEvidence = {
  events: told,
  cliEnd: null,
  refusal: null,
  programFailure: null,
  signaled: false,
  applying: false,
  mustApply: false,
  destroys: false,
  redact: (message) => message,
  cliEvents: [],
  secrets: [],
};

describe("a CLI that ended with code 0", () => {
  it.each<[string, Partial<RunEvidence>]>([
    ["told its plan", {}],
    ["told its plan, and was let through to apply it", { mustApply: true, applying: true }],
  ])("has succeeded when it %s", (_what, given) => expect(problemOf({ ...evidence, ...given })).toBeNull());

  it.each<[string, Partial<RunEvidence>]>([
    ["told nothing", { events: nothingTold }],
    ["told nothing, and was to apply", { events: nothingTold, mustApply: true }],
    ["was to apply, and never came to the gate", { mustApply: true }],
  ])("has not when it %s", (_what, given) =>
    expect(problemOf({ ...evidence, ...given })).toMatchObject({
      code: "engine_failed",
      failure: "cli_mismatch",
      detail: expect.stringContaining("npm run pulumi:install") as string,
    }),
  );
});

describe("a destroy of two resources that ended with code 0", () => {
  const type = "aws:sns/topic:Topic";
  const deleting = (name: string) => {
    const urn = `urn:pulumi:s::gatehouse::${type}::${name}`;
    const old = { urn, type, custom: true, id: "arn", provider: "urn::1", inputs: {}, outputs: {} };
    return { op: "delete", urn, type, provider: "", old };
  };
  /** Of two that were to go. */
  const gone = (names: readonly string[], more: Partial<RunEvidence>): RunEvidence => {
    const record = { resources: [], appliedArguments: null };
    const home = { account: "111122223333", region: "us-east-1" };
    const ours = { onEvent: () => undefined, onDone: () => undefined, redact: (message: string) => message };
    const events = createRunEvents({ ...ours, destroys: true, record, home });
    for (const name of ["a", "b"])
      events.take({ resourcePreEvent: { planning: true, metadata: deleting(name) } } as CliEvent);
    for (const name of names) events.take({ resOutputsEvent: { metadata: deleting(name) } } as CliEvent);
    const destroy = { mustApply: true, applying: true, destroys: true };
    return { ...evidence, events: { ...events, isPlanTold: () => true }, ...destroy, ...more };
  };

  it.each<[string, RunEvidence, string | null]>([
    ["has succeeded when both are gone", gone(["a", "b"], {}), null],
    ["has succeeded when it was told to stop too late", gone(["a", "b"], { signaled: true }), null],
    ["was canceled when it was told to stop and something is left", gone(["a"], { signaled: true }), "canceled"],
    ["was ended by others when we told it nothing and something is left", gone(["a"], {}), "interrupted"],
    ["was canceled before its gate", gone([], { signaled: true, applying: false }), "canceled"],
  ])("%s", (_what, given, code) => expect(problemOf(given)?.code ?? null).toBe(code));
});
