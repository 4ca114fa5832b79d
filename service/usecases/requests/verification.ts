/** Verifications: is what reaches the environment's nodes what was approved. */
import { DomainError } from "../../domain/errors.ts";
import { environmentStack } from "../../domain/stacks.ts";
import type { Dependencies } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { insertUnpreviewed } from "../operations/insert-operation.ts";
import { stackNotFound } from "../operations/not-found.ts";
import { unconditional } from "../start-conditions.ts";
import type { UseCases } from "../usecases.ts";

/** Starts the verification of an environment: an operation of the queue that only reads. */
export const createVerify =
  (dependencies: Dependencies): UseCases["verifyEnvironment"] =>
  (principal, environment, { forgetNodes }, { once, requestId } = unconditional) =>
    startOnce(dependencies, principal, once, async (tables) => {
      const name = environmentStack(environment);
      const stack = await tables.stacks.find(name);
      if (stack === null) throw stackNotFound(name);
      if (stack.status === "needs_recovery")
        throw new DomainError(
          "recovery_required",
          `${name} has to be recovered first: what is applied is not known. Look at GET /v1/operations?stack=${name}&status=needs_recovery.`,
        );
      if (stack.spec === null)
        throw new DomainError(
          "conflict",
          `There is nothing to verify: nothing of ${name} is applied. Bring it up first: POST /v1/environment-requests.`,
        );
      await tables.knownNodes.forget(name, forgetNodes);
      return insertUnpreviewed(dependencies, tables, principal, {
        kind: "verification",
        action: "preview",
        stack: name,
        team: stack.team,
        spec: stack.spec,
        requestId,
      });
    });
