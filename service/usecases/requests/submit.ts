import type { EnvironmentRequest } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import type { FoundationRequest } from "../../domain/foundation-document.ts";
import type { Operation } from "../../domain/operation.ts";
import { environmentStack, foundationStack } from "../../domain/stacks.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies } from "../dependencies.ts";
import { checkDocument } from "./check-document.ts";
import { startOnce } from "./idempotency.ts";
import { insertApply, insertPreview, refuseApplied, type PreviewRequest } from "../operations/insert-operation.ts";
import { notFound, stackNotFound } from "../operations/not-found.ts";
import { refuseBroken } from "../operations/refuse-broken.ts";
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

/** Calls that ask for work on a stack by a document, or for what a preview showed. */
export const createSubmissions = (dependencies: Dependencies): Submissions => {
  /**
   * The checks and the row in one transaction: what was accepted is never lost, and what was refused left nothing.
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

const existing = (name: string, stack: StackRow | null): StackRow => {
  if (stack === null) throw stackNotFound(name);
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
