/** Both programs through the real Pulumi CLI against the simulated account: it comes to what the sandbox comes to. */
import { randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import type { Pool } from "pg";
import type { Engine, JsonObject, ProgramRun, RunResult } from "../../../../service/engine/engine.ts";
import { createSandboxEngine } from "../../../../service/engine/sandbox/create.ts";
import type { CliTold } from "../../../support/pulumi-cli-child.ts";
import { findTestCli, startCliWorld, type CliWorld } from "../../../support/pulumi-cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { production } from "../../../stacks/environment/production.ts";
import { foundationArguments } from "../../../stacks/foundation/run-foundation.ts";

const home = { account: "999988887777", region: "eu-west-1" };
const programs = new URL("../../../../stacks/programs.ts", import.meta.url).href;

const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

const argumentsOf: Record<ProgramRun["program"], JsonObject> = {
  foundation: plain(
    foundationArguments({
      notifications: { emails: ["security@example.com"], trail: null },
      activationTier: "advanced",
    }),
  ),
  environment: plain(production()),
};

/** Ids that AWS makes up differ from account to account; and the plain Automation API shows secrets within outputs. */
const withoutMadeUp = (text: string): string =>
  text.replaceAll(
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{10,}|\[secret\]/g,
    "…",
  );

/** Everything that the account has, as `type id inputs`; of what AWS made by itself no inputs, which hold its times. */
const contentOf = async (pool: Pool): Promise<string[]> => {
  const { rows } = await pool.query<{ type: string; id: string; inputs: JsonObject; origin: string }>(
    "SELECT type, id, inputs, origin FROM simulated_aws.resources WHERE deletion_date IS NULL",
  );
  return rows
    .map(({ type, id, inputs, origin }) =>
      [type, id, origin === "aws" ? "made by AWS" : canonicalize(inputs)].join(" "),
    )
    .map(withoutMadeUp)
    .sort();
};

/** How often each type was written to, by verb. */
const writesOf = async (pool: Pool): Promise<string[]> => {
  const { rows } = await pool.query<{ line: string }>(
    "SELECT format('%s %s %s', verb, type, count(*)) AS line FROM simulated_aws.calls GROUP BY verb, type ORDER BY 1",
  );
  return rows.map(({ line }) => line);
};

interface Side {
  database: TestDatabase;
  run: (kind: "preview" | "up" | "destroy", program: ProgramRun["program"], json: JsonObject) => Promise<Summary>;
}

/** What both engines tell in the same words. */
interface Summary {
  error: string | null;
  changes: Record<string, number>;
  steps: string[];
  outputs: string;
}

const ofCli = ({ error, changes, steps, outputs }: CliTold): Summary => ({
  error,
  changes,
  steps: steps.map(({ op, urn }) => `${op} ${urn}`).sort(),
  outputs: withoutMadeUp(canonicalize(outputs) ?? ""),
});

const ofSandbox = ({ problem, changes, steps, outputs }: RunResult): Summary => ({
  error: problem?.detail ?? null,
  changes: Object.fromEntries(Object.entries(changes).filter(([, count]) => count > 0)),
  steps: steps.map(({ op, urn }) => `${op} ${urn}`).sort(),
  outputs: withoutMadeUp(canonicalize(outputs) ?? ""),
});

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("the programs, by the real CLI and by the sandbox", () => {
  let world: CliWorld;
  let engine: Engine;
  let real: Side;
  let sandbox: Side;
  let fence = 0;

  beforeAll(async () => {
    const databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
    world = await startCliWorld(cli!, { databaseUrl: databases[0].url, home });
    real = {
      database: databases[0],
      run: async (kind, program, json) =>
        ofCli(await world.run({ kind, stack: `${program}.a`, programs, program, arguments: json })),
    };
    engine = createSandboxEngine({
      databaseUrl: databases[1].url,
      children: 1,
      identityCenter: home,
      digestKey: randomUUID(),
      onTrouble: () => undefined,
      programs: { programs, warmUp: [] },
    });
    sandbox = {
      database: databases[1],
      run: async (kind, program, json) => {
        fence += 1;
        const of = kind === "destroy" ? "destroy" : "up";
        const naming = {
          operationId: randomUUID(),
          attempt: 1,
          fence,
          stack: `${program}.a`,
          parallelism: null,
          approvedPlan: null,
          refresh: false,
          appliesNext: false,
        };
        const never = new AbortController().signal;
        const options = { onEvent: () => undefined, signal: never, kill: never };
        return ofSandbox(await engine.run({ ...naming, kind, of, program, arguments: json }, options));
      },
    };
  }, 60_000);
  afterAll(async () => {
    await Promise.all([world.close(), engine.close()]);
    await Promise.all([real.database.drop(), sandbox.database.drop()]);
  });

  /** Both come to the same, and every step is this one. */
  const expectSame = async (
    kind: "preview" | "up" | "destroy",
    program: ProgramRun["program"],
    op: "create" | "same" | "delete",
  ): Promise<void> => {
    const [byCli, bySandbox] = await Promise.all(
      [real, sandbox].map((side) => side.run(kind, program, argumentsOf[program])),
    );
    expect(byCli).toMatchObject({ error: null, changes: { [op]: byCli!.steps.length } });
    // A preview's outputs are the CLI's to keep to itself, and a destroy has none.
    const comparable = kind === "up" ? bySandbox : { ...bySandbox, outputs: byCli!.outputs };
    expect(byCli).toEqual(comparable);
  };

  it.each(["foundation", "environment"] as const)(
    "previews the %s, brings it up, and then finds nothing to do",
    async (program) => {
      await expectSame("preview", program, "create");
      await expectSame("up", program, "create");
      await expectSame("up", program, "same");
    },
    60_000,
  );

  it("makes the same of the account", async () => {
    expect(await contentOf(real.database.pool)).toEqual(await contentOf(sandbox.database.pool));
    expect(await writesOf(real.database.pool)).toEqual(await writesOf(sandbox.database.pool));
  });

  it("destroys both", async () => {
    await expectSame("destroy", "environment", "delete");
    await expectSame("destroy", "foundation", "delete");
    expect(await contentOf(real.database.pool)).toEqual(await contentOf(sandbox.database.pool));
    expect(await writesOf(real.database.pool)).toEqual(await writesOf(sandbox.database.pool));
  }, 60_000);
});
