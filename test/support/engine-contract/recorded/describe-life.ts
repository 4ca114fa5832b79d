/** Declares the scenarios of a life: an engine lives it once, and each behaviour is held to what the CLI did. */
import type { JsonObject } from "../../../../service/domain/json.ts";
import type { RunResult } from "../../../../service/engine/engine.ts";
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import { accountOf, runsOf, type EngineWorld, type Told } from "../../engine.ts";
import { leftByOthers, watchAccount, type Seen } from "./account-look.ts";
import { argumentsOf, isRun, stackOf, type Failing, type Life, type RunAct } from "./life.ts";
import { about, expectedWords, tellsOutputs, toldWords, type PortStep } from "./port-words.ts";
import { cleaned, readRecording, type RecordedRun } from "./recording.ts";

/** A run of an engine beside what was recorded of it. */
interface Lived {
  act: RunAct;
  recorded: RecordedRun;
  told: Told;
  seen: Seen;
}

async function live(life: Life, world: EngineWorld, account: SimulatedAccount): Promise<Lived[]> {
  const { runs } = readRecording(life.name);
  const stack = runsOf(world, stackOf(life));
  const others = await leftByOthers(account);
  const lived: Lived[] = [];
  let planDigest: string | null = null;
  for (const act of life.acts) {
    if (!isRun(act)) {
      await act.outside(account);
      continue;
    }
    const recorded = runs[lived.length];
    if (recorded?.about !== act.about)
      throw new Error(`"${act.about}" was not recorded: npm run record:contract -- ${life.name}`);
    const watched = await watchAccount(account, others);
    const approvedPlan = act.approved ? planDigest : null;
    const { arguments: _given, ...run } = act;
    const told = await stack.go({ ...run, ...(await argumentsOf(act, account)), approvedPlan });
    planDigest = told.planDigest;
    lived.push({ act, recorded, told, seen: await watched(act, life.behaviours) });
  }
  return lived;
}

/** Runs by what they show, so that a difference says where it is. */
const byRun = <Value>(lived: readonly Lived[], value: (run: Lived) => Value): Record<string, Value> =>
  Object.fromEntries(lived.map((run, index) => [`${index + 1}. ${run.act.about}`, value(run)]));

const problemOf = ({ problem }: RunResult, { fails }: RunAct): object | null =>
  problem && {
    code: problem.code,
    ...(problem.failure === undefined ? {} : { failure: problem.failure }),
    says: fails !== undefined && problem.detail.includes(fails.text) ? fails.text : problem.detail,
    at: fails?.at != null && problem.urn?.endsWith(fails.at) ? fails.at : problem.urn,
  };

const failingOf = ({ code, failure, text, at }: Failing): object => ({
  code,
  ...(failure === undefined ? {} : { failure }),
  says: text,
  at,
});

/** Values that programs of tests mark as secret. */
const secrets = /correct-horse|battery-staple/;

/** A life is some ten runs of the CLI, and a machine may have other work. */
const patience = 240_000;

export function describeLife(life: Life, world: () => EngineWorld): void {
  describe(`${life.about}, as the CLI was recorded,`, () => {
    let runs: Lived[] = [];
    beforeAll(async () => {
      runs = await live(life, world(), accountOf(world()));
    }, patience);
    const expectEqual = <Value>(of: (run: Lived) => Value, expected: (run: Lived) => Value): void => {
      expect(byRun(runs, of)).toEqual(byRun(runs, expected));
    };

    for (const { title, about: pattern, inOrder } of life.behaviours)
      it(title, () => {
        const steps = (of: readonly PortStep[]): PortStep[] => about(of, pattern);
        expectEqual(
          ({ told, seen }) => [steps(toldWords(told).steps), inOrder ? seen.order[title] : undefined],
          ({ recorded }) => [steps(expectedWords(recorded).steps), inOrder ? recorded.order[title] : undefined],
        );
      });

    for (const act of life.acts)
      if (isRun(act) && act.fails !== undefined)
        it(`says what is wrong: ${act.about}`, () => {
          const run = runs.find((each) => each.act === act);
          expect(run?.recorded.diagnostics.join()).toContain(act.fails?.text);
          expect(run && problemOf(run.told, act)).toEqual(act.fails && failingOf(act.fails));
        });

    it("ends each run as the CLI did, with the same counts and drift, and knows what the stack holds", () => {
      const rest = ({ outcome, changes, drift, holds, warnings }: ReturnType<typeof toldWords>) => ({
        outcome,
        changes,
        drift,
        holds,
        warnings,
      });
      expectEqual(
        ({ told }) => rest(toldWords(told)),
        ({ recorded }) => rest(expectedWords(recorded)),
      );
      for (const { told } of runs) expect(JSON.stringify(told)).not.toMatch(secrets);
    });

    it("does the same to the account, and gives the same outputs", () => {
      expectEqual(
        ({ seen: { writes, account } }) => ({ writes, account }),
        ({ recorded: { writes, account } }) => ({ writes, account }),
      );
      // The plain Automation API gives a secret within an output in clear; the product's one is made up by AWS.
      const masked = (outputs: JsonObject): JsonObject =>
        life.cast === "test"
          ? outputs
          : (JSON.parse(JSON.stringify(outputs).replaceAll('"[secret]"', '"…"')) as JsonObject);
      const ups = runs.filter(({ act, recorded }) => tellsOutputs(act) && recorded.failed === null);
      expect(byRun(ups, ({ told }) => masked(cleaned(told.outputs)))).toEqual(
        byRun(ups, ({ recorded }) => recorded.outputs),
      );
    });
  });
}
