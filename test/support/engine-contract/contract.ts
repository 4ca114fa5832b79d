/** Scenarios that every engine passes: the sandbox, and the real Pulumi CLI. */
import type { EngineWorld } from "../engine.ts";
import { describeApproval } from "./approval.ts";
import { describeDrift } from "./drift.ts";
import { describeFailures } from "./failures.ts";
import { describeRecovery } from "./recovery.ts";
import { describeLife } from "./recorded/describe-life.ts";
import { productLives, testLives } from "./recorded/lives.ts";
import { describeSurvival } from "./survival.ts";

/** The chapters of the contract, each of which can be held alone. */
export const chapters = {
  recorded: (world) => {
    for (const life of testLives) describeLife(life, world);
  },
  /** Of the product's own programs, on a world that has those. */
  programs: (world) => {
    for (const life of productLives) describeLife(life, world);
  },
  approval: describeApproval,
  failures: describeFailures,
  drift: describeDrift,
  recovery: describeRecovery,
  survival: describeSurvival,
} satisfies Record<string, (world: () => EngineWorld) => void>;

export type Chapter = keyof typeof chapters;

export interface ClosableWorld extends EngineWorld {
  close(): Promise<void>;
}

/** How the tests of a contract are told from others, by whoever counts them (`count-reporter.ts`). */
export const contractTitle = (engine: string): string => `${engine}: the engine contract`;

/**
 * Declares the scenarios of chapters.
 *
 * @param makeWorld called once, before them; `null` where this engine cannot run here: they are skipped, and seen to be.
 */
export function describeEngineContract(
  engine: string,
  makeWorld: (() => Promise<ClosableWorld>) | null,
  only: readonly Chapter[] = (Object.keys(chapters) as Chapter[]).filter((chapter) => chapter !== "programs"),
): void {
  (makeWorld === null ? describe.skip : describe)(contractTitle(engine), () => {
    let made: ClosableWorld | undefined;
    const world = (): EngineWorld => {
      if (made === undefined) throw new Error("The engine was not made.");
      return made;
    };
    beforeAll(async () => {
      made = await makeWorld?.();
    }, 60_000);
    afterAll(() => made?.close());
    for (const chapter of only) chapters[chapter](world);
  });
}
