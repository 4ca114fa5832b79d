import type { ResourceProvider, Scope } from "../provider.ts";
import { AwsError } from "../provider.ts";
import { checkInputs } from "./check.ts";
import { diffInputs } from "./diff.ts";
import { findCreated } from "./find-created.ts";
import { answerFunction } from "./functions.ts";
import { identityCenterPace } from "./identity-center-limits.ts";
import type { Row } from "./resource-type.ts";
import { find, placeOf, waitIn } from "./simulated-account.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { resourceType, resourceTypes } from "./types/all-types.ts";
import { writeResource } from "./write.ts";
import type { Write } from "./write.ts";

/** What exists under an id, as the provider reads it. */
const readResource = async (
  account: SimulatedAccount,
  token: string,
  id: string,
  scope: Scope,
): ReturnType<ResourceProvider["read"]> => {
  const type = resourceType(token);
  const place = placeOf(type.scope, scope, account.identityCenter);
  if (type.scope === "identity-center" && (place.account !== scope.account || place.region !== scope.region))
    return null;
  const ids = [...new Set([id, type.importedId?.(id) ?? id])];
  const rows = await find(
    account,
    account.pool,
    scope,
    ids.map((one) => ({ type: token, id: one })),
  );
  const row = rows.flat()[0];
  if (row !== undefined) {
    return { inputs: row.inputs, outputs: { ...row.outputs, ...type.shown?.(row.outputs, account.now()) } };
  }
  const unset = type.unset?.(id, place) ?? null;
  if (unset === null) return null;
  const inputs = Object.fromEntries(Object.entries(unset).filter(([key]) => type.properties[key] !== undefined));
  return { inputs, outputs: { ...unset, region: scope.region } };
};

/**
 * A provider over the simulated account. `check` and `diff` are pure, `read` and `invoke` are one query, a write is a
 * short transaction of its own. Everything AWS would refuse is an `AwsError` with AWS's code.
 */
export const simulatedProvider = (account: SimulatedAccount): ResourceProvider => {
  const pace = identityCenterPace(account.pool, waitIn(account));
  const write = async (token: string, what: Omit<Write, "origin">): Promise<Row | null> =>
    pace.around({ type: token, ...what }, () =>
      writeResource(account, resourceType(token), { ...what, origin: "provider" }),
    );

  return {
    check: (token, inputs) => {
      const type = resourceTypes.get(token);
      if (type !== undefined) return checkInputs(type, inputs);
      return [{ property: "type", reason: `${token} is no resource type that the simulated AWS account knows` }];
    },

    diff: (token, oldInputs, newInputs, oldOutputs) =>
      diffInputs(resourceType(token), oldInputs, newInputs, oldOutputs),

    findCreated: (token, inputs, scope, since) => findCreated(account, resourceType(token), inputs, scope, since),

    create: async (token, name, inputs, scope) => {
      const made = await write(token, { verb: "create", name, id: null, inputs, scope });
      if (made === null) throw new AwsError("InternalError", `${token} ${name} was not made`);
      return { id: made.id, outputs: made.outputs };
    },

    read: (token, id, scope) =>
      pace.around({ type: token, verb: "read", id, inputs: {} }, () => readResource(account, token, id, scope)),

    update: async (token, id, inputs, scope) => {
      const changed = await write(token, { verb: "update", name: id, id, inputs, scope });
      if (changed === null) throw new AwsError("ResourceNotFoundException", `There is no ${token} ${id}`);
      return changed.outputs;
    },

    delete: async (token, id, scope) => {
      await write(token, { verb: "delete", name: id, id, inputs: {}, scope });
    },

    invoke: (token, inputs, scope) => pace.aroundFunction(token, () => answerFunction(account, token, inputs, scope)),
  };
};
