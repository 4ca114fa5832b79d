import { environmentDocument, type EnvironmentRequest } from "../domain/environment-document.ts";
import { DomainError } from "../domain/errors.ts";
import { foundationDocument, type FoundationRequest } from "../domain/foundation-document.ts";
import type { Operation } from "../domain/operation.ts";
import { environmentStack, foundationStack, stackKind, type StackKind } from "../domain/stacks.ts";
import type { JsonObject } from "../engine/engine.ts";
import type { OperationRow } from "../store/operations.ts";
import type { StackRow } from "../store/stacks.ts";
import type { Tables } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { presentOperation } from "./present.ts";
import { notFound } from "./read.ts";
import { checkEnvironment, checkEnvironmentDestroy } from "./environment-singletons.ts";
import { checkFoundation, checkFoundationDestroy } from "./foundation-singletons.ts";
import { toJson } from "./to-json.ts";
import type { Principal, UseCases } from "./usecases.ts";

type Submissions = Pick<
  UseCases,
  "submitEnvironment" | "submitFoundation" | "destroyEnvironment" | "destroyFoundation" | "apply"
>;

interface PreviewRequest {
  stack: string;
  team: string;
  action: "preview" | "up";
  of: "up" | "destroy";
  spec: JsonObject;
  onBehalfOf: string | null;
}

/** Foundations are the platform's own. */
const foundationTeam = "platform";

export const createSubmissions = (dependencies: Dependencies): Submissions => {
  const { store } = dependencies;

  /** The row and its job in one transaction: what was accepted is never lost, and what was refused left nothing. */
  const startPreview = (
    principal: Principal,
    request: PreviewRequest,
    check: (tables: Tables, stack: StackRow | null) => Promise<void>,
  ): Promise<Operation> =>
    store.transaction(async (tables) => {
      const stack = await tables.stacks.find(request.stack);
      refuseBroken(stack);
      await check(tables, stack);
      const operation = await insertPreview(dependencies, tables, principal, request);
      return presentOperation(operation);
    });

  return {
    submitEnvironment: (principal, { action, environment, onBehalfOf }: EnvironmentRequest) =>
      startPreview(
        principal,
        {
          stack: environmentStack(environment.name),
          team: environment.team,
          action,
          of: "up",
          spec: toJson(environment),
          onBehalfOf,
        },
        (tables, stack) => checkEnvironment(tables, stack, environment),
      ),

    submitFoundation: (principal, { action, foundation, onBehalfOf }: FoundationRequest) =>
      startPreview(
        principal,
        {
          stack: foundationStack(foundation.account, foundation.region),
          team: foundationTeam,
          action,
          of: "up",
          spec: toJson(foundation),
          onBehalfOf,
        },
        (tables, stack) => checkFoundation(tables, stack, foundation),
      ),

    destroyEnvironment: async (principal, name) => {
      const stack = await existing(store, environmentStack(name));
      return startPreview(principal, destroyOf(stack), (tables) => checkEnvironmentDestroy(tables, stack));
    },

    destroyFoundation: async (principal, account, region) => {
      const stack = await existing(store, foundationStack(account, region));
      return startPreview(principal, destroyOf(stack), (tables) =>
        checkFoundationDestroy(tables, stack, account, region),
      );
    },

    apply: (principal, previewId) =>
      store.transaction(async (tables) => {
        const preview = await tables.operations.find(previewId);
        if (preview === null) throw notFound(`operation ${previewId}`);
        const stack = await tables.stacks.find(preview.stack);
        refuseBroken(stack);
        await checkPreview(tables, stack, preview);
        const applying = await insertApply(dependencies, tables, preview, principal.name);
        return presentOperation(applying);
      }),
  };
};

/** What a stack that waits for recovery answers to all other work. */
const refuseBroken = (stack: StackRow | null): void => {
  if (stack?.status === "needs_recovery")
    throw new DomainError(
      "recovery_required",
      `The last operation of ${stack.name} was cut short and may have left changes unrecorded. Its problem names the resources in doubt: look at GET /v1/operations?stack=${stack.name}&status=needs_recovery.`,
    );
};

/** A preview claims no names; applying it does, so it is checked as a new request would be. */
const checkPreview = async (tables: Tables, stack: StackRow | null, preview: OperationRow): Promise<void> => {
  if (stackKind(preview.stack) === "environment") {
    const spec = environmentDocument.parse(preview.spec);
    if (preview.previewOf === "up") await checkEnvironment(tables, stack, spec);
    else if (stack !== null) await checkEnvironmentDestroy(tables, stack);
    return;
  }
  const spec = foundationDocument.parse(preview.spec);
  if (preview.previewOf === "up") await checkFoundation(tables, stack, spec);
  else if (stack !== null) await checkFoundationDestroy(tables, stack, spec.account, spec.region);
};

const existing = async (store: Tables, name: string): Promise<StackRow> => {
  const stack = await store.stacks.find(name);
  if (stack === null) throw notFound(name.replace("/", " "));
  if (stack.spec === null && stack.resources.length === 0)
    throw new DomainError("conflict", `There is nothing to destroy: ${name} holds no resources.`);
  return stack;
};

const destroyOf = (stack: StackRow): PreviewRequest => ({
  stack: stack.name,
  team: stack.team,
  action: "preview",
  of: "destroy",
  spec: stack.spec ?? {},
  onBehalfOf: null,
});

const insertPreview = async (
  { now, newId, engine, settings }: Dependencies,
  tables: Tables,
  principal: Principal,
  request: PreviewRequest,
): Promise<OperationRow> => {
  const { stack, team, action, of, spec, onBehalfOf } = request;
  const createdAt = now();
  const kind: StackKind = stackKind(stack);
  await tables.stacks.ensure({ name: stack, kind, team, now: createdAt });
  const operation = await tables.operations.insert({
    id: newId(),
    kind: "preview",
    previewOf: of,
    action,
    stack,
    team,
    status: "queued",
    requestedBy: principal.name,
    onBehalfOf,
    spec,
    approvalState: "not_required",
    engine: engine.name,
    cloud: settings.cloud,
    createdAt,
  });
  if (action === "up") await tables.operations.supersede(stack, operation.id);
  await tables.enqueue({ operationId: operation.id, stack });
  return operation;
};

/**
 * Makes the operation that applies a preview, in the caller's transaction.
 *
 * @throws DomainError `conflict`, `operation_in_progress`, `preview_stale`
 */
export const insertApply = async (
  { now, newId, engine, settings }: Dependencies,
  tables: Tables,
  preview: OperationRow,
  requestedBy: string,
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
    spec: preview.spec,
    arguments: preview.arguments,
    digest: preview.digest,
    planDigest: preview.planDigest,
    steps: preview.steps,
    warnings: preview.warnings,
    cost: preview.cost,
    continues: preview.id,
    engine: engine.name,
    cloud: settings.cloud,
    createdAt: now(),
  });
  await tables.enqueue({ operationId: id, stack: preview.stack });
  return operation;
};
