/** What is kept of a stack beside Pulumi's own state (`0013-automation.sql`): its settings, and what it held last. */
import type { StackSettings } from "@pulumi/pulumi/automation/index.js";
import type { Connection } from "../../connection.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { StackResource } from "../../engine.ts";

/** What is kept of a stack. */
export interface StackRecord {
  /** Salt or encrypted key, without which secrets in the state cannot be read again. */
  settings: StackSettings;
  resources: StackResource[];
  /** Secrets masked. */
  outputs: JsonObject;
  /** Seal of the arguments that were applied last; `null` when nothing was. */
  appliedArguments: string | null;
}

/** `null` when the backend was never asked to make it. */
export async function findStackRecord(connection: Connection, stack: string): Promise<StackRecord | null> {
  const query = `select settings, resources, outputs, applied_arguments as "appliedArguments" from automation.stacks where stack = $1`;
  const { rows } = await connection.query<StackRecord>(query, [stack]);
  return rows[0] ?? null;
}

/** Keeps the settings of a new stack. Those of one that is known stay: with other ones its secrets would be lost. */
export async function keepNewStack(connection: Connection, stack: string, settings: StackSettings): Promise<void> {
  await connection.query(
    "insert into automation.stacks (stack, settings) values ($1, $2) on conflict (stack) do nothing",
    [stack, JSON.stringify(settings)],
  );
}

/** Keeps what the stack holds after a run. Refused for a run that is not the newest. */
export async function keepHeld(
  connection: Connection,
  { stack, fence }: { stack: string; fence: number },
  { resources, outputs }: Pick<StackRecord, "resources" | "outputs">,
): Promise<void> {
  await connection.query(
    `update automation.stacks set resources = $3, outputs = $4 where stack = $1
       and exists (select from automation.fences where fences.stack = $1 and fence = $2)`,
    [stack, fence, JSON.stringify(resources), JSON.stringify(outputs)],
  );
}
