/** The resource plugin is missing, cannot start, or dies. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import type { ProvokingWorld } from "./provoke.ts";
import { oneTopic, withStack, type Scenario } from "./scenario.ts";

const pluginOf = async (world: ProvokingWorld, script: string | null, mode = 0o755): Promise<string> => {
  const directory = join(world.directory, "plugin");
  await mkdir(directory);
  if (script !== null) {
    await writeFile(join(directory, "pulumi-resource-aws"), script);
    await chmod(join(directory, "pulumi-resource-aws"), mode);
  }
  return directory;
};

const brokenPlugin = (name: string, about: string, script: string | null, mode?: number): Scenario => ({
  name: `plugin-${name}`,
  about,
  provoke: async (world) =>
    world.attempt({
      makeStack: true,
      verb: "preview",
      arguments: oneTopic(),
      plugin: await pluginOf(world, script, mode),
    }),
});

export const pluginScenarios: Scenario[] = [
  {
    name: "plugin-missing",
    about: "no plugin is registered, and none may be downloaded",
    provoke: (world) => world.attempt({ makeStack: true, verb: "preview", arguments: oneTopic(), plugin: null }),
  },
  {
    name: "plugin-no-directory",
    about: "the plugin's directory does not exist",
    provoke: (world) =>
      world.attempt({ makeStack: true, verb: "preview", arguments: oneTopic(), plugin: "/no/such/directory" }),
  },
  brokenPlugin("no-file", "the plugin's directory is empty", null),
  brokenPlugin("not-executable", "the plugin may not be executed", "#!/bin/sh\nexit 0\n", 0o644),
  brokenPlugin(
    "exits",
    "the plugin ends at once with an error",
    "#!/bin/sh\necho 'Cannot find module pg' >&2\nexit 1\n",
  ),
  brokenPlugin("no-port", "the plugin says something else than its port", "#!/bin/sh\necho hello\nsleep 1\n"),
  brokenPlugin("no-interpreter", "the plugin's interpreter does not exist", "#!/no/such/interpreter\n"),
  {
    name: "plugin-download-fails",
    about: "no plugin is registered, and the CLI tries to download it",
    provoke: (world) =>
      world.attempt({
        makeStack: true,
        verb: "preview",
        arguments: oneTopic(),
        plugin: null,
        environment: {
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: null,
          HTTPS_PROXY: "http://proxy.invalid:3128",
          HTTP_PROXY: "http://proxy.invalid:3128",
        },
      }),
  },
  {
    name: "plugin-dies-before",
    about: "the plugin dies before it writes",
    provoke: async (world) => {
      await withStack(world);
      await injectFault(world.database.pool, { namePattern: "b", crash: "before" });
      return world.attempt({ arguments: { resources: [...oneTopic().resources, ...oneTopic("b").resources] } });
    },
  },
  {
    name: "plugin-dies-after",
    about: "the plugin dies after it wrote",
    provoke: async (world) => {
      await withStack(world);
      await injectFault(world.database.pool, { namePattern: "b", crash: "after" });
      return world.attempt({ arguments: { resources: [...oneTopic().resources, ...oneTopic("b").resources] } });
    },
  },
];
