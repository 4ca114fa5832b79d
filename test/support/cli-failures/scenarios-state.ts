/** What lies in the state backend is not as it should be. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProvokingWorld } from "./provoke.ts";
import { oneTopic, withStack, type Scenario } from "./scenario.ts";

const stack = "environment.provoked";

const checkpointOf = (world: ProvokingWorld): string => join(world.state, ".pulumi/stacks/gatehouse", `${stack}.json`);

/** Lets `change` make something else of the checkpoint's text. */
const changeCheckpoint = async (world: ProvokingWorld, change: (text: string) => string): Promise<void> => {
  const path = checkpointOf(world);
  await writeFile(path, change(await readFile(path, "utf8")));
};

interface Checkpoint {
  version: number;
  checkpoint: { latest: { resources: { type: string; id?: string }[]; pending_operations?: object[] } };
}

const changed =
  (change: (checkpoint: Checkpoint) => void) =>
  (text: string): string => {
    const checkpoint = JSON.parse(text) as Checkpoint;
    change(checkpoint);
    return JSON.stringify(checkpoint);
  };

const spoiled = (
  name: string,
  about: string,
  change: (text: string) => string,
  verb: "up" | "preview" | "refresh" | "destroy" = "up",
): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    await withStack(world);
    await changeCheckpoint(world, change);
    return world.attempt({ verb, arguments: oneTopic() });
  },
});

const interruptACreate = changed(({ checkpoint: { latest } }) => {
  const made = latest.resources.find(({ type }) => type === "aws:sns/topic:Topic");
  latest.resources = latest.resources.filter((resource) => resource !== made);
  latest.pending_operations = [{ resource: { ...made, id: undefined, outputs: undefined }, type: "creating" }];
});

export const stateScenarios: Scenario[] = [
  {
    name: "lock-held",
    about: "another run holds the stack's lock",
    provoke: async (world) => {
      await withStack(world);
      const locks = join(world.state, ".pulumi/locks/organization/gatehouse", stack);
      await mkdir(locks, { recursive: true });
      const owner = { pid: 4242, username: "somebody", hostname: "elsewhere", timestamp: "2026-01-02T03:04:05Z" };
      await writeFile(join(locks, "0b9c7a52-9f6d-4d0e-8f57-0f6d3c1f4a11.json"), JSON.stringify(owner));
      return world.attempt({ arguments: oneTopic() });
    },
  },
  {
    name: "no-such-stack",
    about: "the stack does not exist in the backend",
    provoke: (world) => world.attempt({ arguments: oneTopic() }),
  },
  spoiled(
    "pending-up",
    "an earlier run left a create of which nobody knows; an up goes on all the same",
    interruptACreate,
  ),
  spoiled("checkpoint-truncated", "the checkpoint ends in the middle", (text) => text.slice(0, text.length / 2)),
  spoiled("checkpoint-not-json", "the checkpoint is no JSON", () => "<html>Bad gateway</html>"),
  spoiled("checkpoint-empty-file", "the checkpoint is an empty file", () => ""),
  spoiled(
    "checkpoint-newer",
    "a newer CLI wrote the checkpoint",
    changed((checkpoint) => (checkpoint.version = 99)),
  ),
  spoiled(
    "checkpoint-broken-reference",
    "a resource in the checkpoint refers to one that is not there",
    changed(({ checkpoint }) => {
      checkpoint.latest.resources = checkpoint.latest.resources.filter(
        ({ type }) => !type.startsWith("pulumi:providers:"),
      );
    }),
  ),
];
