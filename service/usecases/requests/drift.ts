/** Starts a look at what was changed outside: only compared (drift check), or taken over into the stack's state (refresh). */
import { DomainError } from "../../domain/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { insertUnpreviewed } from "../operations/insert-operation.ts";
import { demandOfReading } from "../operations/identity-center-budget.ts";
import { stackNotFound } from "../operations/not-found.ts";
import { unconditional } from "../start-conditions.ts";
import { refuseBroken } from "../operations/refuse-broken.ts";
import type { UseCases } from "../usecases.ts";

type Looks = Pick<UseCases, "checkDrift" | "refresh">;

/** Calls that start a look. */
export const createLooks = (dependencies: Dependencies): Looks => {
  const look =
    (kind: "refresh" | "drift_check"): UseCases["refresh"] =>
    (principal, name, { once, requestId } = unconditional) =>
      startOnce(dependencies, principal, once, async (tables) => {
        const stack = await tables.stacks.find(name);
        if (stack === null) throw stackNotFound(name);
        refuseBroken(stack);
        if (stack.resources.length === 0)
          throw new DomainError(
            "conflict",
            `There is nothing to look at: ${name} holds no resources. Bring it up first.`,
          );
        return insertUnpreviewed(dependencies, tables, principal, {
          kind,
          action: "preview",
          stack: name,
          team: stack.team,
          refresh: true,
          spec: stack.spec ?? {},
          identityCenterDemand: demandOfReading(stack.resources),
          requestId,
        });
      });
  return { checkDrift: look("drift_check"), refresh: look("refresh") };
};
