import { environmentDocument, type EnvironmentRequest } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import { foundationDocument, type FoundationRequest } from "../../domain/foundation-document.ts";
import type { Operation } from "../../domain/operation.ts";
import { environmentStack, foundationStack } from "../../domain/stacks.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies, Settings } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { insertApply, insertPreview, refuseApplied, type PreviewRequest } from "../operations/insert-operation.ts";
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
        await refuseApplied(tables, preview);
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
