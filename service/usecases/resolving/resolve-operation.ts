import { environmentDocument } from "../../domain/environment-document.ts";
import { foundationDocument } from "../../domain/foundation-document.ts";
import { stackKind } from "../../domain/stacks.ts";
import { environmentArguments } from "../../../stacks/arguments.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies } from "../dependencies.ts";
import { refuseOtherRevision } from "../operations/revision.ts";
import { adoptingNothing } from "./adoption.ts";
import type { Resolved } from "./resolve.ts";
import { resolveEnvironment } from "./resolve-environment.ts";
import { resolveFoundation } from "./resolve-foundation.ts";

/**
 * From the operation's document to its program's arguments; a destroy takes those of the last run.
 *
 * @param preview The preview that is being applied, whose one-time decisions stand.
 * @throws DomainError `revision_mismatch`, and what resolving refuses
 */
export const resolveOperation = async (
  { reader, settings, now }: Dependencies,
  tables: Tables,
  stack: StackRow,
  operation: OperationRow,
  preview: OperationRow | null,
): Promise<Resolved> => {
  refuseOtherRevision(operation, stack);
  if ((operation.previewOf ?? operation.kind) === "destroy")
    return { arguments: stack.arguments ?? {}, warnings: [], adopting: adoptingNothing };
  const context = { tables, reader, settings, now: now() };
  if (stackKind(stack.name) === "foundation")
    return resolveFoundation(context, stack, foundationDocument.parse(operation.spec));
  const decided = preview?.arguments == null ? null : environmentArguments.parse(preview.arguments);
  return resolveEnvironment(context, stack, environmentDocument.parse(operation.spec), decided);
};
