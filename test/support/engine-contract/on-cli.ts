/** The contract on the real CLI, in several files: its scenarios take long, and files run side by side. */
import { startAutomationWorld } from "../automation-world.ts";
import { findTestCli } from "../pulumi-cli.ts";
import { describeEngineContract, type Chapter } from "./contract.ts";

const cli = await findTestCli();

/** Declares chapters of the contract; skipped where there is no CLI. */
export function describeContractOnCli(only: readonly Chapter[]): void {
  describeEngineContract("automation", cli === null ? null : () => startAutomationWorld(cli, { children: 2 }), only);
}
