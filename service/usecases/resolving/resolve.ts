import type { CloudReader } from "../../cloud/reader.ts";
import { targetRoleArn } from "../../cloud/target-role.ts";
import type { Warning } from "../../domain/operation.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { AccountAccess } from "../../../stacks/arguments.ts";
import type { Settings } from "../dependencies.ts";
import type { Adopting } from "./adoption.ts";
import type { TakingOver } from "./taking-over.ts";

/**
 * From a document to the arguments of its program: what the foundation recorded, which people exist already, what is
 * imported, when an activation expires. It happens when a preview runs, and again before its up, where anything that came
 * out differently makes the preview stale.
 */
export interface ResolveContext {
  tables: Tables;
  reader: CloudReader;
  settings: Settings;
  now: Date;
}

/** What a document comes to. */
export interface Resolved {
  arguments: JsonObject;
  warnings: Warning[];
  /** What is taken over because the document says so, and what of it may be changed. */
  adopting: Adopting;
}

/** How to reach an account: the role named in the configuration, or the process's own credentials. */
export const accessTo = (settings: Settings, account: string, region: string): AccountAccess => ({
  account,
  region,
  roleArn: targetRoleArn(settings.targetRole, { account, region }),
});

/** What the parts of a document are resolved with. */
export interface Resolving extends ResolveContext {
  stack: StackRow;
  importIdOf: TakingOver["importIdOf"];
}
