/** The CLI that is installed still says what the corpus was recorded from. All of it again: `npm run record:cli-failures`. */
import { failureClasses } from "../../../../service/domain/failure-classes.ts";
import { translateFailure } from "../../../../service/engine/automation/failures/failures.ts";
import { allScenarios } from "../../../support/cli-failures/all-scenarios.ts";
import { startProvokingWorld } from "../../../support/cli-failures/provoke.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";
import { expectedFailures } from "./failures-expected.ts";

/** Cheap ones, which end before a program runs. */
const cheap = ["no-such-stack", "postgres-wrong-password"];

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("the real CLI, provoked again", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it.each(cheap)("%s means what it meant", async (name) => {
    const scenario = allScenarios.find((each) => each.name === name)!;
    const world = await startProvokingWorld(cli!, database);
    const told = await scenario.provoke(world);
    await world.close();
    const problem = translateFailure({ ...told, signalsSent: [], secrets: [] });
    const expected = expectedFailures[name]!;
    expect(problem.failure).toBe(expected.class);
    expect(problem.code).toBe(failureClasses[expected.class].code);
  });
});
