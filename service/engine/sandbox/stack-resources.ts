/** What a stack holds, as the contract shows it. */
import type { StackResource } from "../engine.ts";
import { isManaged } from "./executor.ts";
import { regionOf } from "../pulumi/scope.ts";
import type { ResourceState } from "./state.ts";
import { urnName } from "../pulumi/urn.ts";

/** Everything that exists in an account; components, providers and what is only left to be deleted are not listed. */
export const stackResources = (states: readonly ResourceState[]): StackResource[] =>
  states.flatMap((state) => {
    const { urn, type, id, scope, retainOnDelete, inputs, outputs, pendingDelete } = state;
    if (!isManaged(state) || id === null || pendingDelete) return [];
    const region = regionOf(outputs.values, inputs.values);
    return [{ urn, type, name: urnName(urn), id, account: scope?.account ?? null, region, retainOnDelete }];
  });
