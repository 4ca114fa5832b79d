/**
 * What the CLI reads from the account, as steps of the port (`RefreshRun`): of a refresh, and of a run that begins with one. It
 * tells `refresh` when it begins to read a resource, and with the resource's next outputs what it found.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent, PropertyDiff, StackResource, Step } from "../engine.ts";
import type { Scope } from "../../cloud/provider.ts";
import { isProviderType, urnName } from "../sandbox/urn.ts";
import { createHeldResources } from "./held-resources.ts";
import { changedValue, toldStep, type StepMetadata, type ToldStep } from "./told-steps.ts";

export interface DriftEvents {
  /** Gives the step of a resource that was read, `null` for any other event. */
  take(event: CliEvent): Step | null;
  /** Every resource that the account can have. */
  steps(): Step[];
  /** What the stack holds once the state has taken it over. */
  resources(): StackResource[];
}

/** Differences of inputs, from what is recorded to what was found; outputs that AWS computes may differ, and are no drift. */
function inputDifferences({ detailedDiff }: StepMetadata, { old, new: found }: ToldStep): PropertyDiff[] {
  if (detailedDiff == null || old === null || found === null) return [];
  return Object.entries(detailedDiff)
    .filter(([, { inputDiff }]) => inputDiff)
    .map(([path]) => changedValue(path, old.inputs, found.inputs));
}

const opOf = ({ new: found }: ToldStep, diff: readonly PropertyDiff[]): "same" | "update" | "delete" =>
  found === null ? "delete" : diff.length > 0 ? "update" : "same";

/** @param known What the stack held after its last run. */
export function createDriftEvents(
  onEvent: (event: EngineEvent) => void,
  known: readonly StackResource[],
  home: Scope,
): DriftEvents {
  const reading = new Set<string>();
  const steps: Step[] = [];
  const held = createHeldResources(known, home);

  const takeFound = (metadata: StepMetadata): Step | null => {
    const told = toldStep(metadata);
    if (!reading.delete(told.urn)) return null;
    const diff = inputDifferences(metadata, told);
    const op = opOf(told, diff);
    held.done({ ...told, op });
    const { urn, type, old } = told;
    // One that waits for its deletion is no part of the stack any more.
    if (old?.custom !== true || old.delete || isProviderType(type)) return null;
    const step: Step = { op, urn, type, name: urnName(urn), diff };
    steps.push(step);
    onEvent({ type: "resource.read", step });
    return step;
  };

  return {
    take: ({ resourcePreEvent, resOutputsEvent }) => {
      if (resourcePreEvent?.metadata.op === "refresh") reading.add(resourcePreEvent.metadata.urn);
      return resOutputsEvent === undefined ? null : takeFound(resOutputsEvent.metadata);
    },
    steps: () => steps,
    resources: held.all,
  };
}
