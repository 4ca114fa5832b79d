/** Every way of failing that can be provoked on one machine. */
import type { Scenario } from "./scenario.ts";
import { accountScenarios } from "./scenarios-account.ts";
import { backendScenarios } from "./scenarios-backend.ts";
import { endingScenarios } from "./scenarios-ending.ts";
import { pluginScenarios } from "./scenarios-plugin.ts";
import { programScenarios } from "./scenarios-program.ts";
import { secretsScenarios } from "./scenarios-secrets.ts";
import { stateScenarios } from "./scenarios-state.ts";

export const allScenarios: Scenario[] = [
  ...accountScenarios,
  ...backendScenarios,
  ...endingScenarios,
  ...pluginScenarios,
  ...programScenarios,
  ...secretsScenarios,
  ...stateScenarios,
];
