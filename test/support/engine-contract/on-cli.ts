/** The contract on the real CLI, in several files: its scenarios take long, and files run side by side. */
import type { PulumiCli } from "../../../service/engine/automation/cli/cli.ts";
import { startAutomationWorld } from "../automation-world.ts";
import { startKeyService } from "../key-service.ts";
import { findTestCli } from "../pulumi-cli.ts";
import { describeEngineContract, type Chapter, type ClosableWorld } from "./contract.ts";
import { castOf } from "./recorded/lives.ts";

const cli = await findTestCli();

/** The product's own programs, or those of tests. */
const castFor = (only: readonly Chapter[]) => {
  if (!only.every((chapter) => chapter === "programs")) return { children: 2 };
  const { programs, home } = castOf.product;
  return { programs: { programs, warmUp: [] as [] }, identityCenter: home };
};

/** Scenarios take a dozen CLI processes each, so their secrets are kept by a key service: a passphrase would be a third of the work. */
async function startWorld(of: PulumiCli, only: readonly Chapter[]): Promise<ClosableWorld> {
  const keys = await startKeyService();
  const backend = { ...keys.backend, backendUrl: null };
  const world = await startAutomationWorld(of, { ...castFor(only), backend, environment: keys.environment });
  return {
    ...world,
    close: async () => {
      await world.close();
      await keys.close();
    },
  };
}

/** Declares chapters of the contract; skipped where there is no CLI. */
export function describeContractOnCli(only: readonly Chapter[]): void {
  describeEngineContract("automation", cli === null ? null : () => startWorld(cli, only), only);
}
