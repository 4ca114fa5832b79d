/** Every recorded life, and the programs that they run. */
import { scope, testPrograms } from "../../engine.ts";
import { adoptionLife } from "./adoption-life.ts";
import { driftLife } from "./drift-life.ts";
import { failuresLife, refusalsLife } from "./failures-life.ts";
import type { Life } from "./life.ts";
import { foundationLife } from "./foundation-life.ts";
import { partwayLife } from "./partway-life.ts";
import { environmentLife } from "./environment-life.ts";
import { protectionLife } from "./protection-life.ts";
import { stepsLife } from "./steps-life.ts";

export const testLives = [stepsLife, protectionLife, failuresLife, refusalsLife, driftLife];
export const productLives = [environmentLife, foundationLife, adoptionLife, partwayLife];
export const lives: readonly Life[] = [...testLives, ...productLives];

/** Programs by cast, and the account and region of Identity Center and of what names none. */
export const castOf: Record<Life["cast"], { programs: string; home: { account: string; region: string } }> = {
  test: { programs: testPrograms.programs, home: scope },
  product: {
    programs: new URL("../../../../stacks/programs.ts", import.meta.url).href,
    home: { account: "999988887777", region: "eu-west-1" },
  },
};
