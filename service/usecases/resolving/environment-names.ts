/**
 * What an environment makes in its accounts under a fixed name and cannot take over: an apply would fail at it in the middle.
 * docs/names-in-aws.md has the whole table.
 */
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { activationRoleName, nodeLogPolicyName } from "../../../stacks/names.ts";
import { atMostOne, refuseTakenNames, type FixedName } from "./fixed-names.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import type { Resolving } from "./resolve.ts";

const remedy = "Remove it in AWS when nothing uses it, or give the environment another name.";

/** @throws DomainError `name_taken`; CloudReadError */
export const refuseTaken = (context: Resolving, spec: EnvironmentSpec): Promise<void> =>
  refuseTakenNames(context, [...policiesOf(context, spec), ...roleOf(context, spec)]);

const policiesOf = ({ reader }: Resolving, { name, targets }: EnvironmentSpec): FixedName[] =>
  targets.map((scope) => {
    const policy = nodeLogPolicyName(name, scope.region);
    return {
      ...{ what: `the policy "${policy}"`, type: typeTokens.policy, scope, remedy },
      look: () => atMostOne(reader.findPolicy(scope, policy)),
    };
  });

const roleOf = ({ reader }: Resolving, { name, onPremises }: EnvironmentSpec): FixedName[] => {
  if (onPremises === null) return [];
  const { target: scope } = onPremises;
  const role = activationRoleName(name);
  return [
    {
      ...{ what: `the role "${role}"`, type: typeTokens.role, scope, remedy },
      look: () => atMostOne(reader.findRole(scope, role)),
    },
  ];
};
