/** Operations as they come into being: what somebody asked for, and the up or destroy that applies a preview. */
import { DomainError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import { isFinished } from "../../domain/operation.ts";
import { foundationStack, stackKind } from "../../domain/stacks.ts";
import { faultPoint } from "../../fault-points.ts";
import { environmentArguments } from "../../../stacks/arguments.ts";
import type { NewOperation, OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Principal } from "../usecases.ts";
import { demandOfReading, demandOfSteps } from "./identity-center-budget.ts";

/** A preview that is asked for. */
export interface PreviewRequest {
  team: string;
  action: "preview" | "up";
  of: "up" | "destroy";
  spec: JsonObject;
  onBehalfOf: string | null;
  refresh: boolean;
}

/** What the call says of the operation that it makes. */
type Asked = Pick<OperationRow, "expectedRevision" | "requestId">;

/** What every operation has when it is made. */
const newborn = ({ now, newId, engine, settings }: Dependencies) => ({
  id: newId(),
  status: "queued" as const,
  engine: engine.name,
  cloud: settings.cloud,
  createdAt: now(),
});

/** Makes a preview, in the caller's transaction. */
export const insertPreview = async (
  dependencies: Dependencies,
  tables: Tables,
  principal: Principal,
  stack: string,
  { team, action, of, spec, onBehalfOf, refresh }: PreviewRequest,
  { expectedRevision, requestId }: Asked,
): Promise<OperationRow> => {
  const made = newborn(dependencies);
  await tables.stacks.ensure({ name: stack, kind: stackKind(stack), team, now: made.createdAt });
  // First: where a preview ends just now, this waits for the up that it makes, and comes behind it in the order of the stack.
  if (action === "up") await tables.operations.supersede(stack, made.id);
  const operation = await tables.operations.insert({
    ...made,
    kind: "preview",
    previewOf: of,
    action,
    stack,
    team,
    requestedBy: principal.name,
    onBehalfOf,
    refresh,
    identityCenterDemand: refresh ? demandOfReading(await resourcesOf(tables, stack)) : null,
    spec,
    approvalState: "not_required",
    expectedRevision,
    requestId,
  });
  faultPoint("operation-inserted");
  return operation;
};

/** What is said of an operation that no preview goes before. */
type Unpreviewed = Pick<NewOperation, "kind" | "action" | "stack" | "team" | "spec" | "requestId"> &
  Pick<Partial<NewOperation>, "refresh" | "recovers" | "resolution" | "identityCenterDemand">;

/** Makes a look at the account, a verification or a recovery, in the caller's transaction. */
export const insertUnpreviewed = (
  dependencies: Dependencies,
  tables: Tables,
  principal: Principal,
  operation: Unpreviewed,
): Promise<OperationRow> =>
  tables.operations.insert({
    ...newborn(dependencies),
    ...operation,
    previewOf: null,
    requestedBy: principal.name,
    onBehalfOf: null,
  });

/**
 * A preview is applied once.
 *
 * @throws DomainError `operation_in_progress` while it is being applied, `conflict` after that
 */
export const refuseApplied = async (tables: Tables, { continuedBy: id }: OperationRow): Promise<void> => {
  if (id === null) return;
  const operation = await tables.operations.find(id);
  if (operation !== null && !isFinished(operation.status))
    throw new DomainError(
      "operation_in_progress",
      `Operation ${id} applies this preview already: GET /v1/operations/${id}.`,
    );
  const ended = operation === null ? "has ended" : `ended as ${operation.status}`;
  throw new DomainError(
    "conflict",
    `Operation ${id} applied this preview, and ${ended}. A preview is applied once: preview again, and apply that one.`,
  );
};

/**
 * Makes the operation that applies a preview, in the caller's transaction.
 *
 * @param asked what whoever applies said of it; what the preview has of it holds too.
 * @throws DomainError `conflict`, `operation_in_progress`, `preview_stale`
 */
export const insertApply = async (
  dependencies: Dependencies,
  tables: Tables,
  preview: OperationRow,
  requestedBy: string,
  { expectedRevision, requestId }: Asked = { expectedRevision: null, requestId: null },
): Promise<OperationRow> => {
  if (preview.kind !== "preview" || preview.previewOf === null)
    throw new DomainError("conflict", `Operation ${preview.id} is a ${preview.kind}; only a preview can be applied.`);
  await refuseApplied(tables, preview);
  if (preview.status !== "succeeded")
    throw new DomainError(
      "conflict",
      `The preview is ${preview.status}; only one that succeeded can be applied. ${
        preview.status === "failed"
          ? "Its problem says what to mend; then post the request again."
          : "Wait for it to end."
      }`,
    );
  if (preview.approvalState === "void")
    throw new DomainError(
      "preview_stale",
      preview.supersededBy === null
        ? "The stack has moved since this preview. Preview again, and apply that one."
        : `A newer request took its place: GET /v1/operations/${preview.supersededBy}.`,
    );
  const made = newborn(dependencies);
  if (!(await tables.operations.continueWith(preview.id, made.id)))
    throw new DomainError("operation_in_progress", "Another operation started to apply this preview just now.");
  return tables.operations.insert({
    ...made,
    kind: preview.previewOf,
    previewOf: null,
    action: "up",
    stack: preview.stack,
    team: preview.team,
    requestedBy,
    onBehalfOf: preview.onBehalfOf,
    refresh: preview.refresh,
    spec: preview.spec,
    arguments: preview.arguments,
    digest: preview.digest,
    planDigest: preview.planDigest,
    steps: preview.steps,
    access: preview.access,
    warnings: preview.warnings,
    cost: preview.cost,
    continues: preview.id,
    foundations: foundationsOf(preview),
    identityCenterDemand: preview.refresh
      ? demandOfReading(await resourcesOf(tables, preview.stack), preview.steps)
      : demandOfSteps(preview.steps),
    expectedRevision: preview.expectedRevision ?? expectedRevision,
    requestId: requestId ?? preview.requestId,
  });
};

/** What a run that begins with a refresh reads. */
const resourcesOf = async (tables: Tables, stack: string): Promise<StackRow["resources"]> =>
  (await tables.stacks.find(stack))?.resources ?? [];

/** Foundations that an environment's apply stands on, by the arguments of its program. */
const foundationsOf = ({ stack, arguments: resolved }: OperationRow): string[] => {
  if (stackKind(stack) === "foundation") return [];
  const parsed = environmentArguments.safeParse(resolved);
  if (!parsed.success) return [];
  const { targets, onPremises } = parsed.data;
  const places = [...targets.map(({ access }) => access), ...(onPremises === null ? [] : [onPremises])];
  return [...new Set(places.map(({ account, region }) => foundationStack(account, region)))];
};
