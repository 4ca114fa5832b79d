/** The order in which resources depend on each other. */
import type { ResourceState } from "./state.ts";

type Node = Pick<ResourceState, "sequence" | "urn" | "parent" | "provider" | "dependencies" | "propertyDependencies">;

/** Everything that a resource stands on: parent, provider, dependencies of all kinds. */
export const standsOn = (node: Node): string[] => [
  ...(node.parent === null ? [] : [node.parent]),
  ...(node.provider === null ? [] : [node.provider]),
  ...node.dependencies,
  ...Object.values(node.propertyDependencies).flat(),
];

/**
 * Dependencies first; among resources that do not depend on each other, the older first. Dependencies outside the list are
 * left out of account. A circle, which no program can make, is broken where it is entered.
 */
export function dependencyOrder<Resource extends Node>(resources: readonly Resource[]): Resource[] {
  const byUrn = Map.groupBy(resources, (resource) => resource.urn);
  const ordered: Resource[] = [];
  const visited = new Set<Resource>();
  const visit = (resource: Resource): void => {
    if (visited.has(resource)) return;
    visited.add(resource);
    for (const urn of standsOn(resource)) byUrn.get(urn)?.forEach(visit);
    ordered.push(resource);
  };
  [...resources].sort((left, right) => left.sequence - right.sequence).forEach(visit);
  return ordered;
}

/** The order of deletion: dependents first. */
export const deletionOrder = <Resource extends Node>(resources: readonly Resource[]): Resource[] =>
  dependencyOrder(resources).reverse();
