/** How a run by the CLI ended: what was told counts, and an exit code of 0 alone says nothing. */
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
