/** What a run may do of what AWS limits in Identity Center; the database divides it (0014-identity-center-budget.sql). */

/** What an operation's run asks for. */
export interface IdentityCenterDemand {
  /** Assignments that it writes; no more of them at once. */
  assignments: number;
  /** Permission sets that it provisions at once. */
  provisionings: number;
  /** Requests to sso-admin that it may make in a second beside those of assignments. */
  requests: number;
  /** The most requests that it makes of one operation of the identity store. */
  storeRequests: number;
  /** How many resources it works on at once, whatever is free; left out where that does not matter. */
  parallelism?: number;
}

/** What it was given: no more of each at once (requests: in a second). */
export interface IdentityCenterShare {
  assignments: number;
  provisionings: number;
  requests: number;
  storeRequests: number;
  /** How many resources it works on at once; `null`: as many as it likes. */
  parallelism: number | null;
}
