import type { OperationAccess } from "../../domain/access.ts";
import { environmentDocument } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import { foundationDocument } from "../../domain/foundation-document.ts";
import { stackKind } from "../../domain/stacks.ts";
import { faultPoint } from "../../fault-points.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies } from "../dependencies.ts";
import { accessOfOperation } from "../access/access-changes.ts";
import { canonical, operationDigest } from "../digest.ts";
import { environmentLocks } from "../requests/environment-singletons.ts";
import { resolveOperation } from "../resolving/resolve-operation.ts";
import { foundationLocks } from "../requests/foundation-singletons.ts";
import { peopleToMake } from "../resolving/people-to-make.ts";
import { checkDocument } from "../requests/check-document.ts";

/** The operation is another attempt's by now, so nothing was written. */
class LeaseLost extends Error {}

/**
 * The last look before anything is applied, with the foundations claimed: the request may still be made, it resolves to what
 * it did when it was previewed, and what it wants for itself is claimed. An apply that has begun already does not begin
 * again: what it has made so far would look like somebody else's.
 *
 * @returns the stack as it was
 * @throws DomainError `preview_stale`, and what resolving and the checks of a request refuse; LeaseLost
 */
export const begin = async (dependencies: Dependencies, operation: OperationRow): Promise<StackRow> => {
  const { store, now, settings } = dependencies;
  if (operation.stackBefore !== null) return { ...(await stackOf(store, operation)), ...operation.stackBefore };
  const preview = operation.continues === null ? null : await store.operations.find(operation.continues);
  try {
    refuseOtherDigest(operation);
    const before = await store.transaction(async (tables) => {
      if (!(await tables.leases.hold(operation)))
        throw new LeaseLost(`attempt ${operation.attempt} does not hold operation ${operation.id} any more`);
      await tables.lock(locksOf(operation));
      const stack = await stackOf(tables, operation);
      await checkDocument(tables, stack, operation.kind === "destroy" ? "destroy" : "up", operation.spec, settings);
      // Asked on connections of their own, side by side: under the locks they see what others have settled.
      await resolveAgain(dependencies, stack, operation, preview);
      await refuseOtherAccess(tables, stack, operation);
      await tables.people.claim(peopleToMake(operation), operation.stack);
      await tables.stacks.change(operation.stack, {
        status: operation.kind === "destroy" ? "destroying" : "changing",
        arguments: operation.arguments,
        updatedAt: now(),
      });
      await tables.operations.change(operation.id, operation.attempt, {
        stackBefore: { status: stack.status, arguments: stack.arguments },
      });
      faultPoint("begin-written");
      return stack;
    });
    faultPoint("begin-committed");
    return before;
  } catch (error) {
    if (preview !== null && error instanceof DomainError) await store.operations.voidPreview(preview.id);
    throw error;
  }
};

/**
 * Resolves the request as its preview did, and compares. Nothing is written.
 *
 * @param stack as it was before the operation began
 * @throws DomainError `preview_stale`, and what resolving refuses
 */
export const resolveAgain = async (
  dependencies: Dependencies,
  stack: StackRow,
  operation: OperationRow,
  preview: OperationRow | null,
): Promise<void> => {
  const resolved = await resolveOperation(dependencies, dependencies.store, stack, operation, preview);
  refuseDifferent(operation, resolved.arguments);
};

/**
 * What was approved is known by its digest, and that covers the version of the programs: after an upgrade the same arguments may
 * mean something that no plan shows.
 */
const refuseOtherDigest = ({ spec, arguments: resolved, planDigest, access, digest }: OperationRow): void => {
  if (planDigest !== null && operationDigest({ spec, arguments: resolved ?? {}, planDigest, access }) === digest)
    return;
  throw new DomainError(
    "preview_stale",
    "The preview was made by another version of Gatehouse, whose programs may do something else. Nothing was applied. Preview again, and apply that one.",
  );
};

const stackOf = async (tables: Tables, { stack: name }: OperationRow): Promise<StackRow> => {
  const stack = await tables.stacks.find(name);
  if (stack === null) throw new Error(`${name} has no row`);
  return stack;
};

/** All at once and in one order, those of the checks too: two that begin never wait for each other. */
const locksOf = (operation: OperationRow): string[] => {
  const { stack, kind, spec } = operation;
  if (stackKind(stack) === "foundation")
    return [
      `account:${stack.split("/")[1] ?? ""}`,
      ...(kind === "destroy" ? [] : foundationLocks(foundationDocument.parse(spec))),
    ];
  return kind === "destroy" ? [] : environmentLocks(environmentDocument.parse(spec));
};

const refuseDifferent = (operation: OperationRow, now: NonNullable<OperationRow["arguments"]>): void => {
  const approved = operation.arguments ?? {};
  const differing = [...new Set([...Object.keys(approved), ...Object.keys(now)])].filter(
    (key) => canonical({ value: approved[key] }) !== canonical({ value: now[key] }),
  );
  if (differing.length > 0)
    throw new DomainError(
      "preview_stale",
      `Since the preview something else changed, and the request comes out differently (${differing.join(", ")}). Nothing was applied. Preview again, and apply that one.`,
    );
};

/** What somebody else applied meanwhile may change who gains or loses what. */
const refuseOtherAccess = async (tables: Tables, stack: StackRow, operation: OperationRow): Promise<void> => {
  if (operation.access === null) return;
  const now = await accessOfOperation(tables, stack, operation);
  if (canonical(asShown(now, operation.access)) === canonical(operation.access)) return;
  throw new DomainError(
    "preview_stale",
    "Since the preview something else changed, and other people would gain or lose access than it showed. Nothing was applied. Preview again, and apply that one.",
  );
};

/** Previews of before the statements were told are held against what they did show. */
const asShown = (now: OperationAccess | null, shown: OperationAccess): OperationAccess | null =>
  now === null || shown.extraStatements !== undefined ? now : { changes: now.changes };
