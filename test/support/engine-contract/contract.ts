/** Scenarios that every engine passes: the sandbox does now, the Pulumi CLI later. */
import type { EngineWorld } from "../engine.ts";
import { describeDrift } from "./drift.ts";
import { describeFailures } from "./failures.ts";
import { describeOptions } from "./options.ts";
import { describeRecovery } from "./recovery.ts";
import { describeSurvival } from "./survival.ts";
import { describeSteps } from "./steps.ts";

/** Declares the scenarios; `makeEngine` is called once, before them, and whoever calls closes what it made. */
export function describeEngineContract(name: string, makeEngine: () => Promise<EngineWorld>): void {
  describe(`${name}: the engine contract`, () => {
    let made: EngineWorld | undefined;
    const world = (): EngineWorld => {
      if (made === undefined) throw new Error("The engine was not made.");
      return made;
    };
    beforeAll(async () => {
      made = await makeEngine();
    });
    describeSteps(world);
    describeOptions(world);
    describeFailures(world);
    describeDrift(world);
    describeRecovery(world);
    describeSurvival(world);
  });
}
