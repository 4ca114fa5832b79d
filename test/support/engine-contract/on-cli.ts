/** The contract on the real CLI, in several files: its scenarios take long, and files run side by side. */
import type { PulumiCli } from "../../../service/engine/automation/cli/cli.ts";
import { startAutomationWorld } from "../automation-world.ts";
import { findTestCli } from "../pulumi-cli.ts";
import { describeEngineContract, type Chapter, type ClosableWorld } from "./contract.ts";
import { castOf } from "./recorded/lives.ts";

const cli = await findTestCli();

/** A world of the product's own programs. */
const startProductWorld = (of: PulumiCli): Promise<ClosableWorld> => {
  const { programs, home } = castOf.product;
  return startAutomationWorld(of, { programs: { programs, warmUp: [] }, identityCenter: home });
};

/** Declares chapters of the contract; skipped where there is no CLI. */
export function describeContractOnCli(only: readonly Chapter[]): void {
  const start = only.every((chapter) => chapter.startsWith("programs"))
    ? startProductWorld
    : (of: PulumiCli) => startAutomationWorld(of, { children: 2 });
  describeEngineContract("automation", cli === null ? null : () => start(cli), only);
}
