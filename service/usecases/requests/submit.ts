import { environmentDocument, type EnvironmentRequest } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import { foundationDocument, type FoundationRequest } from "../../domain/foundation-document.ts";
import type { Operation } from "../../domain/operation.ts";
import { environmentStack, foundationStack, stackKind, type StackKind } from "../../domain/stacks.ts";
import type { JsonObject } from "../../domain/json.ts";
import { faultPoint } from "../../fault-points.ts";
import { environmentArguments } from "../../../stacks/arguments.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies, Settings } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { demandOfReading, demandOfSteps } from "../operations/identity-center-budget.ts";
import { notFound } from "../operations/read.ts";
import { checkPreconditions, refuseOtherRevision } from "../operations/revision.ts";
import { unconditional, type StartConditions } from "../start-conditions.ts";
import { checkEnvironment, checkEnvironmentDestroy } from "./environment-singletons.ts";
import { checkFoundation, checkFoundationDestroy } from "./foundation-singletons.ts";
import { toJson } from "../to-json.ts";
import type { Principal, UseCases } from "../usecases.ts";

type Submissions = Pick<
  UseCases,
  "submitEnvironment" | "submitFoundation" | "destroyEnvironment" | "destroyFoundation" | "apply"
>;

interface PreviewRequest {
  team: string;
  action: "preview" | "up";
  of: "up" | "destroy";
  spec: JsonObject;
  onBehalfOf: string | null;
  refresh: boolean;
}

/** Foundations are the platform's own. */
const foundationTeam = "platform";

export const createSubmissions = (dependencies: Dependencies): Submissions => {
  /**
   * The row and its job in one transaction: what was accepted is never lost, and what was refused left nothing.
   *
   * @param requestOf what is asked of the stack; refuses where there is nothing to ask it of.
   */
  const startPreview = (
    principal: Principal,
    name: string,
    { once, preconditions, requestId }: StartConditions,
    requestOf: (stack: StackRow | null) => PreviewRequest,
    check: (tables: Tables, stack: StackRow | null) => Promise<void>,
  ): Promise<Operation> =>
    startOnce(dependencies, principal, once, async (tables) => {
      const stack = await tables.stacks.find(name);
      const request = requestOf(stack);
      refuseBroken(stack);
      const expectedRevision = checkPreconditions(name, stack, preconditions);
      await check(tables, stack);
      return insertPreview(dependencies, tables, principal, name, request, { expectedRevision, requestId });
    });

  return {
    submitEnvironment: (
      principal,
      { action, environment, onBehalfOf, refresh }: EnvironmentRequest,
      conditions = unconditional,
    ) =>
      startPreview(
        principal,
        environmentStack(environment.name),
        conditions,
        () => ({ team: environment.team, action, of: "up", spec: toJson(environment), onBehalfOf, refresh }),
        (tables, stack) => checkEnvironment(tables, stack, environment, dependencies.settings),
      ),

    submitFoundation: (
      principal,
      { action, foundation, onBehalfOf, refresh }: FoundationRequest,
      conditions = unconditional,
    ) =>
      startPreview(
        principal,
        foundationStack(foundation.account, foundation.region),
        conditions,
        () => ({ team: foundationTeam, action, of: "up", spec: toJson(foundation), onBehalfOf, refresh }),
        (tables, stack) => checkFoundation(tables, stack, foundation),
      ),

    destroyEnvironment: (principal, environment, conditions = unconditional) => {
      const name = environmentStack(environment);
      return startPreview(
        principal,
        name,
        conditions,
        (stack) => destroyOf(existing(name, stack)),
        (tables, stack) => checkEnvironmentDestroy(tables, existing(name, stack)),
      );
    },

    destroyFoundation: (principal, account, region, conditions = unconditional) => {
      const name = foundationStack(account, region);
      return startPreview(
        principal,
        name,
        conditions,
        (stack) => destroyOf(existing(name, stack)),
        (tables, stack) => checkFoundationDestroy(tables, existing(name, stack), account, region),
      );
    },

    apply: (principal, previewId, { once, preconditions, requestId } = unconditional) =>
      startOnce(dependencies, principal, once, async (tables) => {
        const preview = await tables.operations.find(previewId);
        if (preview === null) throw notFound(`operation ${previewId}`);
        const stack = await tables.stacks.find(preview.stack);
        refuseBroken(stack);
        const expectedRevision = checkPreconditions(preview.stack, stack, preconditions);
        refuseOtherRevision(preview, stack);
        if (stack !== null && preview.previewOf !== null)
          await checkDocument(tables, stack, preview.previewOf, preview.spec, dependencies.settings);
        return insertApply(dependencies, tables, preview, principal.name, { expectedRevision, requestId });
      }),
  };
};

/** What a stack that waits for recovery answers to all other work. */
export const refuseBroken = (stack: StackRow | null): void => {
  if (stack?.status === "needs_recovery")
    throw new DomainError(
      "recovery_required",
      `The last operation of ${stack.name} was cut short and may have left changes unrecorded. Its problem names the resources in doubt: look at GET /v1/operations?stack=${stack.name}&status=needs_recovery.`,
    );
};

/**
 * What may stand against a document now. A preview claims no names; applying it does, so it is checked as a new request
 * would be, and once more when the apply begins.
 *
 * @throws DomainError as the checks of `environment-singletons.ts` and `foundation-singletons.ts`
 */
export const checkDocument = async (
  tables: Tables,
  stack: StackRow,
  of: "up" | "destroy",
  spec: JsonObject,
  settings: Pick<Settings, "policiesPerRole">,
): Promise<void> => {
  const [, account = "", region = ""] = stack.name.split("/");
  if (stack.kind === "environment") {
    if (of === "up") await checkEnvironment(tables, stack, environmentDocument.parse(spec), settings);
    else await checkEnvironmentDestroy(tables, stack);
  } else if (of === "up") await checkFoundation(tables, stack, foundationDocument.parse(spec));
  else await checkFoundationDestroy(tables, stack, account, region);
};

const existing = (name: string, stack: StackRow | null): StackRow => {
  if (stack === null) throw notFound(name.replace("/", " "));
  if (stack.spec === null && stack.resources.length === 0)
    throw new DomainError("conflict", `There is nothing to destroy: ${name} holds no resources.`);
  return stack;
};

const destroyOf = ({ team, spec }: StackRow): PreviewRequest => ({
  team,
  action: "preview",
  of: "destroy",
  spec: spec ?? {},
  onBehalfOf: null,
  refresh: false,
});

/** What the call says of the operation that it makes. */
type Asked = Pick<OperationRow, "expectedRevision" | "requestId">;

const insertPreview = async (
  { now, newId, engine, settings }: Dependencies,
  tables: Tables,
  principal: Principal,
  stack: string,
  { team, action, of, spec, onBehalfOf, refresh }: PreviewRequest,
  { expectedRevision, requestId }: Asked,
): Promise<OperationRow> => {
  const createdAt = now();
  const kind: StackKind = stackKind(stack);
  const id = newId();
  await tables.stacks.ensure({ name: stack, kind, team, now: createdAt });
  // First: where a preview ends just now, this waits for the up that it makes, and comes behind it in the order of the stack.
  if (action === "up") await tables.operations.supersede(stack, id);
  const operation = await tables.operations.insert({
    id,
    kind: "preview",
    previewOf: of,
    action,
    stack,
    team,
    status: "queued",
    requestedBy: principal.name,
    onBehalfOf,
    refresh,
    identityCenterDemand: refresh ? demandOfReading(await resourcesOf(tables, stack)) : null,
    spec,
    approvalState: "not_required",
    expectedRevision,
    requestId,
    engine: engine.name,
    cloud: settings.cloud,
    createdAt,
  });
  faultPoint("operation-inserted");
  return operation;
};

/**
 * Makes the operation that applies a preview, in the caller's transaction.
 *
 * @param asked what whoever applies said of it; what the preview has of it holds too.
 * @throws DomainError `conflict`, `operation_in_progress`, `preview_stale`
 */
export const insertApply = async (
  { now, newId, engine, settings }: Dependencies,
  tables: Tables,
  preview: OperationRow,
  requestedBy: string,
  { expectedRevision, requestId }: Asked = { expectedRevision: null, requestId: null },
): Promise<OperationRow> => {
  if (preview.kind !== "preview" || preview.previewOf === null)
    throw new DomainError("conflict", `Operation ${preview.id} is a ${preview.kind}; only a preview can be applied.`);
  if (preview.continuedBy !== null)
    throw new DomainError(
      "operation_in_progress",
      `Operation ${preview.continuedBy} applies this preview already: GET /v1/operations/${preview.continuedBy}.`,
    );
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
  const id = newId();
  if (!(await tables.operations.continueWith(preview.id, id)))
    throw new DomainError("operation_in_progress", "Another operation started to apply this preview just now.");
  const operation = await tables.operations.insert({
    id,
    kind: preview.previewOf,
    previewOf: null,
    action: "up",
    stack: preview.stack,
    team: preview.team,
    status: "queued",
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
    engine: engine.name,
    cloud: settings.cloud,
    createdAt: now(),
  });
  return operation;
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
