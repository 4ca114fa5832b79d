/** The gate between plan and apply where it cannot ask. The contract suite has the rest. */
import pg from "pg";
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { createGate } from "../../../../service/engine/automation/run/gate.ts";
import { createRunEvents } from "../../../../service/engine/automation/run/run-events.ts";
import type { EngineEvent } from "../../../../service/engine/engine.ts";

const planTold = {
  ...{ sequence: 1, timestamp: 1 },
  summaryEvent: {
    ...{ isPreview: true, result: "succeeded" },
    ...{ maybeCorrupt: false, durationSeconds: 1, resourceChanges: {}, policyPacks: {} },
  },
} as CliEvent;

it("lets nothing through without its database, and the operation is run again", async () => {
  // Nobody listens there.
  const connection = new pg.Pool({ host: "127.0.0.1", port: 1 });
  const told: EngineEvent[] = [];
  const record = { resources: [], appliedArguments: null };
  const home = { account: "111122223333", region: "us-east-1" };
  const ours = { onEvent: () => undefined, onDone: () => undefined, redact: (message: string) => message };
  const events = createRunEvents({ ...ours, destroys: false, record, home });
  events.take(planTold);
  const naming = { operationId: "o", attempt: 1, fence: 1, stack: "s", parallelism: null };
  const approved = { arguments: {}, approvedPlan: "d", refresh: false, appliesNext: false };
  const gate = createGate({
    ...{ connection, marker: null, events, digest: () => "d", sealedArguments: "seal" },
    run: { ...naming, ...approved, kind: "up", of: "up", program: "environment" },
    onEvent: (event) => void told.push(event),
    mayApply: () => Promise.resolve(true),
  });
  await expect(gate.pass()).rejects.toThrow("interrupted");
  expect({ refusal: gate.refusal()?.code, applying: gate.applying(), told }).toEqual({
    ...{ refusal: "interrupted", applying: false, told: [] },
  });
  await connection.end();
});
