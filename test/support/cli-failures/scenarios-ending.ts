/** The CLI cannot start, is told to stop, or is killed. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import type { TestArguments } from "../test-programs.ts";
import { topic } from "../engine.ts";
import { oneTopic, withStack, type Scenario } from "./scenario.ts";

/** `b` needs `a`, `c` needs `b`. */
const chain: TestArguments = {
  resources: [topic("a"), topic("b", {}, { dependsOn: ["a"] }), topic("c", {}, { dependsOn: ["b"] })],
};

const stopped = (name: string, about: string, verb: "up" | "destroy", signals: NodeJS.Signals[]): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    if (verb === "destroy") await withStack(world, chain);
    else await withStack(world, { resources: [] });
    await injectFault(world.database.pool, { namePattern: "%b", latencyMilliseconds: 1_500 });
    return world.attempt({ verb, arguments: chain, interrupt: { resource: "b", signals } });
  },
});

const limited = (name: string, about: string, limit: string): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    await withStack(world);
    const command = ["/bin/sh", "-c", `${limit}; exec "$0" "$@"`, world.cli.path];
    return world.attempt({ verb: "up", arguments: oneTopic("b"), command });
  },
});

export const endingScenarios: Scenario[] = [
  stopped("canceled-up", "one SIGINT in the middle of an up", "up", ["SIGINT"]),
  stopped(
    "canceled-destroy",
    "one SIGINT in the middle of a destroy: it exits 0 and says that it succeeded",
    "destroy",
    ["SIGINT"],
  ),
  stopped("canceled-twice", "two SIGINTs in the middle of an up", "up", ["SIGINT", "SIGINT"]),
  stopped("terminated", "SIGTERM in the middle of an up", "up", ["SIGTERM"]),
  stopped("killed", "SIGKILL in the middle of an up", "up", ["SIGKILL"]),
  limited("out-of-memory", "Go gets no more memory", "ulimit -v 600000"),
  limited("file-too-large", "no file may become large enough", "ulimit -f 1"),
  {
    name: "killed-by-shell",
    about: "a shell reports that the CLI was killed",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({ arguments: oneTopic("b"), command: ["/bin/sh", "-c", "kill -9 $$; :"] });
    },
  },
  {
    name: "exit-137",
    about: "what started the CLI tells of its kill by exit code",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({ arguments: oneTopic("b"), command: ["/bin/sh", "-c", "echo Killed >&2; exit 137"] });
    },
  },
  {
    name: "cli-missing",
    about: "the CLI is gone",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({ command: ["/no/such/pulumi"] });
    },
  },
  {
    name: "cli-not-executable",
    about: "the CLI may not be executed",
    provoke: async (world) => {
      await withStack(world);
      const path = join(world.directory, "pulumi");
      await writeFile(path, "");
      return world.attempt({ command: [path] });
    },
  },
  {
    name: "cli-unknown-flag",
    about: "the CLI does not know what it is told to do",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({ options: ["--no-such-flag"] });
    },
  },
];
