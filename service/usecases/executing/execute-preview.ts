import { estimateCost } from "../../domain/cost.ts";
import { environmentDocument } from "../../domain/environment-document.ts";
import type { Warning } from "../../domain/operation.ts";
import { stackKind } from "../../domain/stacks.ts";
import type { Run, RunResult } from "../../engine/engine.ts";
import { faultPoint } from "../../fault-points.ts";
import type { OperationRow } from "../../store/operations.ts";
import { afterCheck } from "../../domain/drift.ts";
import { holdAdoptions } from "../resolving/adoption.ts";
import { accessOfOperation } from "../access/access-changes.ts";
import { accessWarnings } from "../access/access-warnings.ts";
import { checkReach } from "../access/access-reach.ts";
import { runEngine, runOf, settle, type Attempt } from "../operations/attempt.ts";
import type { Dependencies } from "../dependencies.ts";
import { operationDigest } from "../digest.ts";
import { driftEvents, driftWarnings } from "../access/drift-found.ts";
import { createEventBuffer } from "./events-buffer.ts";
import { resolveOperation } from "../resolving/resolve-operation.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import { insertApply } from "../operations/insert-operation.ts";

/** How long nobody else takes an up: its worker comes for it in milliseconds, unless it dies. */
const reserveSeconds = 5;

/**
 * Runs a preview, and makes the up that follows it where the request was for one. Gives the up, which is reserved for this
 * worker; null where none was made.
 */
export const executePreview = async (dependencies: Dependencies, attempt: Attempt): Promise<OperationRow | null> => {
  const { store } = dependencies;
  const { operation, control } = attempt;
  const stack = await store.stacks.find(operation.stack);
  if (stack === null) throw new Error(`${operation.stack} has no row`);
  // Again: others may have come first while it waited.
  if (stackKind(stack.name) === "environment" && operation.previewOf === "up")
    await checkReach(store, environmentDocument.parse(operation.spec));
  const resolved = await resolveOperation(dependencies, store, stack, operation, null);
  const access = await accessOfOperation(store, stack, operation);
  const warnings = await accessWarnings(dependencies, stack, operation, resolved.arguments);
  const events = createEventBuffer();
  const run: Run = {
    ...runOf(operation),
    kind: "preview",
    of: operation.previewOf ?? "up",
    program: stackKind(operation.stack),
    arguments: resolved.arguments,
    approvedPlan: null,
    refresh: operation.refresh,
    appliesNext: operation.action === "up" && operation.approvalState === "not_required",
  };
  const result = holdAdoptions(await runEngine(dependencies, control, run, events.add), resolved.adopting);
  const { planDigest } = result;
  const planned = result.outcome === "succeeded" && planDigest !== null;
  const made: { up: OperationRow | null } = { up: null };
  await settle(dependencies, attempt, result, {
    change: {
      arguments: resolved.arguments,
      planDigest,
      digest: planned
        ? operationDigest({ spec: operation.spec, arguments: resolved.arguments, planDigest, access })
        : null,
      access,
      changes: result.changes,
      steps: result.steps,
      warnings: [
        ...resolved.warnings,
        ...warnings,
        ...planWarnings(result),
        ...driftWarnings(stack, result.drift, true),
      ],
      diagnostics: result.diagnostics,
      cost: planned ? estimateCost(result.steps) : null,
    },
    // All at once: a preview takes no longer for being followed.
    first: async (tables) => {
      await tables.events.append(operation.id, operation.attempt, [...events.take(), ...driftEvents(result.drift)]);
    },
    over: async (tables) => {
      if (planned && operation.refresh) {
        const look = { operation: operation.id, at: dependencies.now(), drift: result.drift };
        await tables.stacks.change(stack.name, { drift: afterCheck(stack.drift, look), updatedAt: stack.updatedAt });
      }
      const preview = await tables.operations.find(operation.id);
      if (!planned || operation.action !== "up" || preview === null || preview.approvalState === "void") return;
      made.up = await insertApply(dependencies, tables, preview, operation.requestedBy);
      await tables.leases.reserve(made.up.id, reserveSeconds);
      faultPoint("next-operation-made");
    },
  });
  return made.up;
};

/** What the plan itself gives reason to say. */
const planWarnings = ({ steps }: RunResult): Warning[] => {
  const activation = steps.find(({ op, type }) => op === "replace" && type === typeTokens.activation);
  const changedImports = steps.filter(({ op, diff }) => op === "import" && diff.length > 0);
  return [
    ...(activation === undefined
      ? []
      : [
          {
            code: "tags_replace_activation" as const,
            message: `AWS cannot change an activation, so ${activation.diff.map(({ path }) => path).join(", ")} replaces it: servers that are registered stay, new ones need the new id and code. Tags of registered servers do not follow: change them on the servers.`,
          },
        ]),
    ...(changedImports.length === 0
      ? []
      : [
          {
            code: "import_changes_resource" as const,
            message: `What is taken over differs from the document and is changed in the same up: ${changedImports
              .map(({ name, diff }) => `${name} (${diff.map(({ path }) => path).join(", ")})`)
              .join(", ")}.`,
          },
        ]),
  ];
};
