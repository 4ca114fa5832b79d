/**
 * What the CLI reads from the account, for `--refresh` before it plans and for `pulumi refresh`: each resource is told by a
 * `resOutputsEvent`. In a program's run its op is `refresh`; in a `pulumi refresh` there are no others, and the op is what was
 * found (`same`, `update`, `delete`). What counts as drift the provider's detailed difference says, either way: it is there
 * where inputs differ by the provider's own rules, and empty where only outputs do.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { isDeepStrictEqual } from "node:util";
import type { EngineEvent, Step } from "../../engine.ts";
import { isProviderType, urnName, urnType } from "../../pulumi/urn.ts";
import { changedDiff, givenInputs, toldStep, type ToldStep } from "./told-steps.ts";

/** A resource as the state has it and as it was found (`new: null`: not at all). */
export type Read = ToldStep;

/** Whether an account can have it: no component, no provider. */
export const isInAccount = ({ type, old }: Read): boolean => old?.custom === true && !isProviderType(type);

/**
 * The step of `RefreshRun` that a read stands for; `null` for what no account has, and for an older one that waits for its
 * deletion: it is no part of the stack any more.
 */
export function readStep(read: Read): Step | null {
  const { urn, old, new: found } = read;
  if (!isInAccount(read) || old?.delete === true) return null;
  const named = { urn, type: urnType(urn), name: urnName(urn) };
  if (found === null) return { op: "delete", ...named, diff: [] };
  if (Object.keys(read.detailedDiff ?? {}).length === 0) return { op: "same", ...named, diff: [] };
  // Nothing is replaced by a look, and what the provider fills in says nothing of the account.
  const diff = changedDiff({ ...read, new: { ...found, inputs: givenInputs(found.inputs) } });
  return { op: "update", ...named, diff: diff.map(({ path, from, to }) => ({ path, from, to })) };
}

/** What was found, whatever the order and whatever it was compared with. */
const findings = (reads: readonly Read[]): Map<string, unknown> =>
  new Map(
    reads.map(({ urn, old, new: found }) => [
      `${urn} ${old?.id ?? ""}`,
      found && { id: found.id, inputs: found.inputs, outputs: found.outputs },
    ]),
  );

/** What the CLI reads from the account in one run. */
export interface AccountReads {
  take(event: CliEvent): void;
  /** All that was read, components and providers too, as it was found first. */
  all(): readonly Read[];
  /** Of each resource that the account can have, as it was found first. */
  steps(): Step[];
  /**
   * Of a run that plans and then goes on for real, and reads both times: resolves when everything is read again. Gives the
   * URNs of what is otherwise than it was in the plan.
   */
  changedSincePlan(): Promise<string[]>;
}

interface AccountReadsOptions {
  /** Told of each resource once, as it was found first. */
  onEvent: (event: EngineEvent) => void;
  /** Whether the run does nothing but read. */
  readsOnly: boolean;
}

/** Nothing is read yet. */
export function createAccountReads({ onEvent, readsOnly }: AccountReadsOptions): AccountReads {
  const planned: Read[] = [];
  const real: Read[] = [];
  const first = (): readonly Read[] => (planned.length > 0 ? planned : real);
  let tellRead: () => void = () => undefined;

  return {
    take: ({ resOutputsEvent }) => {
      if (resOutputsEvent === undefined) return;
      const read = toldStep(resOutputsEvent.metadata);
      if (!readsOnly && read.op !== "refresh") return;
      const phase = resOutputsEvent.planning === true ? planned : real;
      phase.push(read);
      const step = phase === first() ? readStep(read) : null;
      if (step !== null) onEvent({ type: "resource.read", step });
      tellRead();
    },
    all: first,
    steps: () => first().flatMap((read) => readStep(read) ?? []),
    changedSincePlan: async () => {
      // The CLI reads before it calls the program, but its word of that may still be on the way.
      while (real.length < planned.length) await new Promise<void>((resolve) => (tellRead = resolve));
      const [before, now] = [findings(planned), findings(real)];
      return [...before].flatMap(([key, found]) =>
        isDeepStrictEqual(found, now.get(key)) ? [] : [key.slice(0, key.indexOf(" "))],
      );
    },
  };
}
