/** The guide's Test 3 at the end of the walk, and all else that a verification looks at. */
import colors from "picocolors";
import type { Operation } from "../domain/operation.ts";
import type { VerificationOutcome } from "../domain/verification.ts";
import type { Client } from "./client.ts";
import type { Print } from "./walkthrough.ts";

const marks: Record<VerificationOutcome, string> = {
  passed: colors.green("passed"),
  failed: colors.red("failed"),
  not_yet_possible: colors.yellow("not yet possible"),
};

/** Verifies the guide's two environments, and shows each step with what it found. */
export const showWhatIsTrue = async (client: Client, print: Print): Promise<void> => {
  print("");
  print(
    `${colors.bold("What is true in the account")}  ${colors.dim("the guide's Test 3, from POST /v1/environments/{name}/verifications")}`,
  );
  for (const name of ["production", "development"]) {
    const started = await client.post(`/v1/environments/${name}/verifications`, null, "application/json");
    const { verification, problem }: Operation = await client.follow(started.id, () => undefined);
    if (verification === null) throw new Error(problem?.detail ?? `the verification of ${name} did not end`);
    print(`  ${name}: ${marks[verification.outcome]}`);
    for (const { outcome, message, findings } of verification.steps) {
      print(`    ${marks[outcome]}  ${message}`);
      for (const finding of findings) print(`      ${finding.message} ${colors.dim(finding.toDo)}`);
    }
  }
};
