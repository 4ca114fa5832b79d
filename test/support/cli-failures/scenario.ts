/** One way in which the real CLI fails, and how to make it fail so again. */
import type { TestArguments, TestResource } from "../test-programs.ts";
import { topic } from "../engine.ts";
import type { Told } from "./attempt.ts";
import { bringUp, type ProvokingWorld } from "./provoke.ts";

export interface Scenario {
  /** Name of its fixture. */
  name: string;
  /** What is done to the CLI, in a sentence. */
  about: string;
  provoke: (world: ProvokingWorld) => Promise<Told>;
}

/** A password that stands for every secret in what is recorded: nothing may tell it. */
export const canary = "Canary-b7Qx92-secret";

export const oneTopic = (name = "a", more: Partial<TestResource> = {}): TestArguments => ({
  resources: [{ ...plainTopic(name), ...more }],
});

const plainTopic = (name: string): TestResource => {
  const { type, inputs } = topic(name);
  return { type, name, inputs };
};

/** A stack with one topic, before what the scenario does to it. */
export const withStack = async (world: ProvokingWorld, program: TestArguments = oneTopic()): Promise<void> =>
  bringUp(world, { arguments: program });
