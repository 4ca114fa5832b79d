/** Starts a look at what was changed outside: only compared (drift check), or taken over into the stack's state (refresh). */
import { DomainError } from "../../domain/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { demandOfReading } from "../operations/identity-center-budget.ts";
import { stackNotFound } from "../operations/not-found.ts";
import { unconditional } from "../start-conditions.ts";
import { refuseBroken } from "../operations/refuse-broken.ts";
import type { UseCases } from "../usecases.ts";

type Looks = Pick<UseCases, "checkDrift" | "refresh">;

export const createLooks = (dependencies: Dependencies): Looks => {
  const look =
    (kind: "refresh" | "drift_check"): UseCases["refresh"] =>
    (principal, name, { once, requestId } = unconditional) =>
      startOnce(dependencies, principal, once, async (tables) => {
        const { engine, settings, now, newId } = dependencies;
        const stack = await tables.stacks.find(name);
        if (stack === null) throw stackNotFound(name);
        refuseBroken(stack);
        if (stack.resources.length === 0)
          throw new DomainError(
            "conflict",
            `There is nothing to look at: ${name} holds no resources. Bring it up first.`,
          );
        return tables.operations.insert({
          id: newId(),
          kind,
          previewOf: null,
          action: "preview",
          stack: name,
          team: stack.team,
          status: "queued",
          requestedBy: principal.name,
          onBehalfOf: null,
          refresh: true,
          spec: stack.spec ?? {},
          identityCenterDemand: demandOfReading(stack.resources),
          requestId,
          engine: engine.name,
          cloud: settings.cloud,
          createdAt: now(),
        });
      });
  return { checkDrift: look("drift_check"), refresh: look("refresh") };
};
