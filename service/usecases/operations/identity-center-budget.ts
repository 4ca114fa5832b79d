/**
 * What a run costs of Identity Center's limits, from its planned steps. Pure; docs/identity-center-budget.md explains the
 * figures, `service/cloud/identity-center-calls.ts` has the requests and where they are known from.
 */
import type { IdentityCenterDemand, IdentityCenterShare } from "../../domain/identity-center-share.ts";
import type { StackResource, Step, StepOp } from "../../engine/engine.ts";
import { identityCenterCalls, type StepCalls, type StepVerb } from "../../cloud/identity-center-calls.ts";

/** What an engine does for a step; a retained delete only forgets. */
const verbsOf: Record<StepOp, readonly StepVerb[]> = {
  create: ["create"],
  update: ["update"],
  // Which of the two comes first does not matter here.
  replace: ["create", "delete"],
  delete: ["delete"],
  // Read, and changed in the same up where it differs.
  import: ["read", "update"],
  same: [],
};

const callsOf = ({ op, type, retain }: Pick<Step, "op" | "type" | "retain">): StepCalls[] =>
  retain === true
    ? []
    : verbsOf[op].flatMap((verb) => {
        const calls = identityCenterCalls(type, verb);
        return calls === null ? [] : [calls];
      });

/** What a run still asks of Identity Center. */
interface RemainingWork {
  assignments: number;
  provisionings: number;
  /** Requests to sso-admin in all, but for those of assignments and for asking whether something is done. */
  ssoAdminRequests: number;
  /** Of the operation of the identity store that is asked most. */
  storeRequests: number;
}

/** Adds up what these steps ask for. */
export const workOf = (steps: readonly Pick<Step, "op" | "type" | "retain">[]): RemainingWork => {
  const calls = steps.flatMap(callsOf);
  const under = (what: "assignment" | "provisioning") => calls.filter(({ waits }) => waits?.for === what).length;
  const others = calls.filter(({ service, waits }) => service === "sso-admin" && waits?.for !== "assignment");
  const store = Map.groupBy(
    calls.filter(({ service }) => service === "identitystore").flatMap(({ upTo }) => upTo),
    (operation) => operation,
  );
  return {
    assignments: under("assignment"),
    provisionings: under("provisioning"),
    ssoAdminRequests: others.reduce((sum, { upTo, after }) => sum + upTo.length + after.length, 0),
    storeRequests: Math.max(0, ...[...store.values()].map(({ length }) => length)),
  };
};

/**
 * Requests in a second of a run that makes, changes or deletes the permission set: at most eight in the five seconds or more
 * that a provisioning takes (`asking`), one step after the other.
 */
const requestsOfPermissionSet = 2;

/** Requests in a second at most of a run that reads its resources one after the other, at a tenth of a second each. */
const requestsOfReading = 10;

/** The permission set, its policy and its assignments depend on each other in a row: one of them is provisioned at a time. */
const atOnce = (provisionings: number): number => Math.min(1, provisionings);

const requestsOf = ({ ssoAdminRequests }: RemainingWork): number => Math.min(requestsOfPermissionSet, ssoAdminRequests);

const isNothing = (work: RemainingWork): boolean => Object.values(work).every((count) => count === 0);

/** What an up or destroy with these planned steps asks for; `null` where it does not touch Identity Center. */
export const demandOfSteps = (steps: readonly Step[]): IdentityCenterDemand | null => {
  const work = workOf(steps);
  if (isNothing(work)) return null;
  return {
    assignments: work.assignments,
    provisionings: atOnce(work.provisionings),
    requests: requestsOf(work),
    storeRequests: work.storeRequests,
  };
};

/**
 * What a run asks for that begins by reading all of the stack's resources (`refresh`), beside its planned steps; of a recovery
 * or a drift check there are none.
 */
export const demandOfReading = (
  resources: readonly Pick<StackResource, "type">[],
  steps: readonly Step[] = [],
): IdentityCenterDemand | null => {
  const planned = demandOfSteps(steps);
  const reads = resources.flatMap(({ type }) => identityCenterCalls(type, "read") ?? []);
  const requests = reads.filter(({ service }) => service === "sso-admin").flatMap(({ upTo }) => upTo).length;
  const store = reads.filter(({ service }) => service === "identitystore");
  if (reads.length === 0) return planned;
  const most = Math.max(0, ...[...Map.groupBy(store, ({ upTo }) => upTo[0]).values()].map(({ length }) => length));
  const none = { assignments: 0, provisionings: 0, requests: 0, storeRequests: 0 };
  const { assignments, provisionings, ...beside } = planned ?? none;
  return {
    assignments,
    provisionings,
    requests: Math.max(beside.requests, Math.min(requests, requestsOfReading)),
    storeRequests: Math.max(beside.storeRequests, most),
    // Few are read side by side, as there is no more than a second's requests of them.
    ...(requests > requestsOfReading ? { parallelism: 1 } : {}),
  };
};

/**
 * What a run keeps of its share when this work is left. Never more than it had; what it gives back is for others at once. How
 * many resources it works on stays as it was begun with.
 */
export const shareOfRemaining = (share: IdentityCenterShare, work: RemainingWork): IdentityCenterShare => {
  const assignments = Math.min(share.assignments, work.assignments);
  return {
    assignments,
    provisionings: Math.min(share.provisionings, atOnce(work.provisionings)),
    requests: Math.min(share.requests, Math.max(requestsOf(work), requestsOfAssignments(assignments))),
    storeRequests: Math.min(share.storeRequests, work.storeRequests),
    parallelism: share.parallelism,
  };
};

/** As `gatehouse.identity_center_share` has it: four requests in ten seconds at the fastest, and twice that. */
const requestsOfAssignments = (assignments: number): number => (assignments * 8) / 10;
