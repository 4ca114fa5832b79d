/** Arguments of the product's programs as lives give them. */
import type { JsonObject } from "../../../../service/domain/json.ts";
import type { EnvironmentArguments } from "../../../../stacks/arguments.ts";
import { member, production, target } from "../../../stacks/environment/production.ts";

export const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

/** An environment with names and an account of its own: lives share what they run in. Without on-premises servers. */
export const environmentOf = (
  name: string,
  place: { account: string; region: string },
  changes: Partial<EnvironmentArguments> = {},
): EnvironmentArguments => {
  const { group, permissionSet } = production();
  return production({
    name,
    tag: { key: "project", value: name },
    group: { ...group, name: `${name}-access` },
    members: [member(`${name}-one`)],
    permissionSet: { ...permissionSet, name: `${name}-sessions`, tags: {} },
    targets: [target(place)],
    onPremises: null,
    ...changes,
  });
};
