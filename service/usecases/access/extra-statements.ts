/** The statements that callers add to inline policies, and where they stand there. */
import type { StandingStatement } from "../../domain/access.ts";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import type { PreparedEnvironment } from "../../../stacks/policies/evaluation/access-environment.ts";
import { requestContext } from "../../../stacks/policies/evaluation/context.ts";
import { namesAction } from "../../../stacks/policies/evaluation/evaluate.ts";
import { permissionSetPolicy } from "../../../stacks/policies/permission-set-policy.ts";

/** The policy without them: the profile's own statements, which come first. */
export const profilePolicy = (spec: EnvironmentSpec): ReturnType<typeof permissionSetPolicy> =>
  permissionSetPolicy({ ...spec, extraStatements: [] });

const nothingTold = requestContext({});

/** The statements of an applied document in their order; with an action, those that speak of it. */
export const standingStatements = (
  spec: EnvironmentSpec,
  { parsed }: PreparedEnvironment,
  action: string | null,
): StandingStatement[] => {
  const before = profilePolicy(spec).Statement.length;
  const speaks = (index: number): boolean => {
    const statement = "policy" in parsed ? parsed.policy.statements[index] : undefined;
    // What was not understood may speak of anything.
    return (
      action === null ||
      statement === undefined ||
      namesAction(statement, { action, resource: "*", context: nothingTold })
    );
  };
  return spec.extraStatements
    .map((statement, place) => ({ principal: spec.name, index: before + place, statement }))
    .filter(({ index }) => speaks(index));
};
