/** The program, or what it wants, is wrong. */
import { topic } from "../engine.ts";
import type { TestArguments } from "../test-programs.ts";
import { oneTopic, withStack, type Scenario } from "./scenario.ts";

const troubled = (trouble: NonNullable<TestArguments["trouble"]>, about: string): Scenario => ({
  name: `program-${trouble}`,
  about,
  provoke: (world) => world.attempt({ makeStack: true, verb: "preview", arguments: { ...oneTopic(), trouble } }),
});

export const programScenarios: Scenario[] = [
  troubled("throws", "the program throws a RunError"),
  troubled("rejects", "the program leaves a rejection that nobody takes"),
  troubled("input", "an input cannot be worked out"),
  troubled("constructor", "a component throws while it is made"),
  {
    name: "program-unknown-reference",
    about: "the program throws an error of JavaScript's",
    provoke: (world) =>
      world.attempt({ makeStack: true, arguments: { resources: [topic("a", {}, { parent: "nobody" })] } }),
  },
  {
    name: "urn-twice",
    about: "two resources have the same type and name",
    provoke: (world) => world.attempt({ makeStack: true, arguments: { resources: [topic("a"), topic("a")] } }),
  },
  {
    name: "gate-refuses",
    about: "the gate finds that the preview is not the approved one",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({ refuse: "preview_stale: create urn:pulumi:b was not approved" });
    },
  },
  {
    name: "plan-violated",
    about: "a saved plan does not allow what the program wants now",
    provoke: async (world) => {
      await withStack(world);
      const plan = `${world.directory}/plan.json`;
      const planned = {
        arguments: oneTopic(),
        options: ["--save-plan", plan],
        environment: { PULUMI_EXPERIMENTAL: "true" },
      };
      await world.attempt({ ...planned, verb: "preview" });
      return world.attempt({
        arguments: { resources: [...oneTopic().resources, ...oneTopic("b").resources] },
        options: ["--plan", plan],
        environment: { PULUMI_EXPERIMENTAL: "true" },
      });
    },
  },
  {
    name: "protected-destroy",
    about: "a protected resource is to be destroyed",
    provoke: async (world) => {
      await withStack(world, oneTopic("a", { options: { protect: true } }));
      return world.attempt({ verb: "destroy" });
    },
  },
  {
    name: "protected-replace",
    about: "a protected resource is to be replaced",
    provoke: async (world) => {
      await withStack(world, { resources: [topic("a", {}, { options: { protect: true } })] });
      return world.attempt({
        arguments: { resources: [topic("a", { name: "other" }, { options: { protect: true } })] },
      });
    },
  },
];
