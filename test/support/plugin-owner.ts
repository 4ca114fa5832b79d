/** A process that has a plugin for all of its runs, as a service has: tests kill it. Says its port once it listens. */
import { startSharedPlugin } from "../../service/engine/automation/plugin/shared-plugin.ts";
import type { PluginSettings } from "../../service/engine/automation/plugin/environment.ts";

process.once("message", (settings: PluginSettings) => {
  void startSharedPlugin({ settings, onTrouble: () => undefined }).then(({ environment }) =>
    process.send?.(environment),
  );
});
