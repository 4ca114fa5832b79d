import type { AccessCheck, AccessCheckAnswer, AccessMatrix, AccessMatrixQuery } from "../domain/access.ts";
import type { EnvironmentRequest } from "../domain/environment-document.ts";
import type { FoundationRequest } from "../domain/foundation-document.ts";
import type { EventPage } from "../domain/operation-event.ts";
import type { Environment, Foundation, Operation, OperationKind, OperationStatus, Page } from "../domain/operation.ts";
import type { EnvironmentNode } from "../domain/nodes.ts";
import type { VerificationRequest } from "../domain/verification.ts";
import type { StartConditions } from "./start-conditions.ts";

/** Who calls: authenticated at the door, by whatever means. */
export interface Principal {
  name: string;
  role: "viewer" | "requester" | "approver" | "admin";
}

/** Which page of a list; `cursor: null` is the first. */
export interface PageQuery {
  limit: number;
  cursor: string | null;
}

/** Which operations; `null` filters nothing. */
export interface OperationQuery extends PageQuery {
  stack: string | null;
  status: OperationStatus | null;
  kind: OperationKind | null;
  approval: string | null;
  team: string | null;
}

/** What the doors (HTTP now; chat and the console later) can ask for. All reject with a `DomainError`. */
export interface UseCases {
  submitEnvironment(
    principal: Principal,
    request: EnvironmentRequest,
    conditions?: StartConditions,
  ): Promise<Operation>;
  submitFoundation(principal: Principal, request: FoundationRequest, conditions?: StartConditions): Promise<Operation>;
  /** Starts the preview of a destroy. */
  destroyEnvironment(principal: Principal, name: string, conditions?: StartConditions): Promise<Operation>;
  destroyFoundation(
    principal: Principal,
    account: string,
    region: string,
    conditions?: StartConditions,
  ): Promise<Operation>;
  /** Starts the up or destroy that the preview showed. */
  apply(principal: Principal, previewId: string, conditions?: StartConditions): Promise<Operation>;
  /** Ends an operation that waits, and has one that runs stopped; asked again, at once. */
  cancel(principal: Principal, operationId: string, conditions?: StartConditions): Promise<Operation>;
  /** Starts the recovery of the stack of an operation in `needs_recovery`. */
  recover(
    principal: Principal,
    operationId: string,
    resolution: "refresh" | "unlock",
    conditions?: StartConditions,
  ): Promise<Operation>;

  /**
   * Starts a look at what was changed in the account behind a stack's back (`environment/production`). A drift check leaves
   * everything as it is; a refresh has the stack's state take over what it finds.
   *
   * @throws DomainError `not_found`, `recovery_required`; `conflict` for a stack that holds nothing
   */
  checkDrift(principal: Principal, stack: string, conditions?: StartConditions): Promise<Operation>;
  refresh(principal: Principal, stack: string, conditions?: StartConditions): Promise<Operation>;

  getOperation(id: string): Promise<Operation>;
  listOperations(query: OperationQuery): Promise<Page<Operation>>;
  getEnvironment(name: string): Promise<Environment>;
  listEnvironments(query: PageQuery): Promise<Page<Environment>>;
  getFoundation(account: string, region: string): Promise<Foundation>;
  listFoundations(query: PageQuery): Promise<Page<Foundation>>;

  /**
   * Starts the verification of an environment: an operation that compares the account with what was approved.
   *
   * @throws DomainError `not_found`, `conflict` where nothing is applied, `recovery_required`
   */
  verifyEnvironment(
    principal: Principal,
    name: string,
    request: VerificationRequest,
    conditions?: StartConditions,
  ): Promise<Operation>;
  /**
   * Nodes that carry an environment's tag, by account, region and id, as the account has them now.
   *
   * @throws DomainError `not_found`, and the failures of `cloud-problems.ts` where AWS does not tell
   */
  listNodes(name: string, query: PageQuery): Promise<Page<EnvironmentNode>>;

  /**
   * What the people of environments may do on nodes, by the documents that were applied.
   *
   * @throws DomainError `not_found` for a filter that names no environment
   */
  readAccessMatrix(query: AccessMatrixQuery): Promise<AccessMatrix>;
  /** One question; whoever is not known is denied. */
  checkAccess(question: AccessCheck): Promise<AccessCheckAnswer>;

  /**
   * Events of an operation behind a number (0: from the first), one page.
   *
   * @throws DomainError `not_found`; `invalid_request` for a number that the operation has not come to.
   */
  readEvents(operationId: string, after: number): Promise<EventPage>;
  /**
   * The same, page after page as they come, until the operation is over or the signal aborts. An empty page says only that
   * nothing happened for some seconds. The next page is read when it is asked for.
   */
  followEvents(operationId: string, after: number, signal: AbortSignal): AsyncIterable<EventPage>;

  /**
   * `Prefer: wait`: resolves when the operation (and, with `follow`, the up that continues it) has ended or waits for
   * people, or after `seconds`, or when the caller goes away. `done` says which: true is a 200, false a 202.
   */
  waitFor(
    operation: Operation,
    options: { seconds: number; follow: boolean; signal: AbortSignal },
  ): Promise<{ operation: Operation; done: boolean }>;
}
