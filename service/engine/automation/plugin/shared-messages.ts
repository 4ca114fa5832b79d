/** What crosses between a service and the plugin's process that it has for all of its runs. */
import type { PluginSettings } from "./environment.ts";

/** What the service tells it. */
export type ToSharedPlugin =
  | { kind: "start"; settings: PluginSettings }
  /** Comes with the socket of a connection that was accepted and not read from. */
  | { kind: "connection" };

/** All that it says: it serves connections from now on. */
export interface FromSharedPlugin {
  kind: "ready";
}
