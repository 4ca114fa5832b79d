import type { Environment, Foundation, Operation } from "../../domain/operation.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";

const instant = (date: Date): string => date.toISOString();
const instantOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A row as the contract shows it. */
export const presentOperation = (row: OperationRow): Operation => ({
  id: row.id,
  kind: row.kind,
  stack: row.stack,
  status: row.status,
  requestedBy: row.requestedBy,
  onBehalfOf: row.onBehalfOf,
  refresh: row.refresh,
  createdAt: instant(row.createdAt),
  startedAt: instantOrNull(row.startedAt),
  finishedAt: instantOrNull(row.finishedAt),
  attempt: row.attempt,
  engine: row.engine,
  cloud: row.cloud,
  waitingFor: row.waitingFor,
  progress: row.progress,
  spec: row.spec,
  digest: row.digest,
  changes: row.changes,
  steps: row.steps,
  access: row.access,
  verification: row.verification,
  warnings: row.warnings,
  diagnostics: row.diagnostics,
  cost: row.cost,
  approval:
    row.approvalState === null
      ? null
      : { state: row.approvalState, required: row.approvalsRequired, decisions: [], supersededBy: row.supersededBy },
  previewOf: row.previewOf,
  continues: row.continues,
  continuedBy: row.continuedBy,
  recovers: row.recovers,
  pending: row.pending,
  outputs: row.outputs,
  problem: row.problem,
});

/** Ids of a stack's newest operation, and of the one that is not over. */
export interface LatestOperations {
  last: string;
  pending: string | null;
}

const presentStack = (row: StackRow, latest: LatestOperations | undefined) => ({
  revision: row.revision,
  status: row.status,
  spec: row.spec,
  outputs: row.outputs,
  lastOperation: latest?.last ?? null,
  pendingOperation: latest?.pending ?? null,
  drift: row.drift,
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
});

/** An environment as the contract shows it. */
export const presentEnvironment = (row: StackRow, latest: LatestOperations | undefined): Environment => ({
  name: row.name.replace(/^environment\//, ""),
  team: row.team,
  ...presentStack(row, latest),
  outdated: row.outdated,
});

/** A foundation as the contract shows it. */
export const presentFoundation = (row: StackRow, latest: LatestOperations | undefined): Foundation => {
  const [, account = "", region = ""] = row.name.split("/");
  return { account, region, ...presentStack(row, latest) };
};
