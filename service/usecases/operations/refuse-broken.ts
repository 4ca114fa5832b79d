import { DomainError } from "../../domain/errors.ts";
import type { StackRow } from "../../store/stacks.ts";

/** What a stack that waits for recovery answers to all other work. @throws DomainError `recovery_required` */
export const refuseBroken = (stack: StackRow | null): void => {
  if (stack?.status === "needs_recovery")
    throw new DomainError(
      "recovery_required",
      `The last operation of ${stack.name} was cut short and may have left changes unrecorded. Its problem names the resources in doubt: look at GET /v1/operations?stack=${stack.name}&status=needs_recovery.`,
    );
};
