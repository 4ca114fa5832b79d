/** What the simulated account saw of a run, and what it has: the same question to it, whoever ran. */
import canonicalize from "canonicalize";
import { listCalls, listResources } from "../../../../service/cloud/simulated/out-of-band.ts";
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import type { Behaviour, RunAct } from "./life.ts";
import { withoutMadeUp, type RecordedRun } from "./recording.ts";

export type Seen = Pick<RecordedRun, "writes" | "order" | "account">;

type Call = Awaited<ReturnType<typeof listCalls>>[number];

const lineOf = ({ verb, type, id }: Call): string => withoutMadeUp(`${verb} ${type} ${id}`);

type Resource = Awaited<ReturnType<typeof listResources>>[number];

const keyOf = ({ account, region, type, id }: Resource): string => [account, region, type, id].join(" ");

/** What other lives left: an engine lives several in one account, and the recording has one of its own for each. */
export const leftByOthers = async (account: SimulatedAccount): Promise<ReadonlySet<string>> =>
  new Set((await listResources(account)).map(keyOf));

/** Everything else that it has, as `type id inputs`; of what AWS made by itself no inputs, which hold its times. */
const contentOf = async (account: SimulatedAccount, others: ReadonlySet<string>): Promise<string[]> =>
  (await listResources(account))
    .filter((resource) => resource.deletionDate === null && !others.has(keyOf(resource)))
    .map(({ type, id, inputs, origin }) =>
      withoutMadeUp([type, id, origin === "aws" ? "made by AWS" : canonicalize(inputs)].join(" ")),
    )
    .sort();

/** Starts to watch; gives what has happened since, at the end of a run. */
export async function watchAccount(
  account: SimulatedAccount,
  others: ReadonlySet<string>,
): Promise<(act: RunAct, of: readonly Behaviour[]) => Promise<Seen>> {
  const before = (await listCalls(account)).length;
  return async (act, behaviours) => {
    const calls = (await listCalls(account)).slice(before);
    const inOrder = behaviours
      .filter((behaviour) => behaviour.inOrder)
      .map(
        ({ title, about }) =>
          [title, calls.filter(({ type, id }) => about.test(`${type}::${id}`)).map(lineOf)] as const,
      )
      .filter(([, lines]) => lines.length > 0);
    return {
      writes: calls.map(lineOf).sort(),
      order: Object.fromEntries(inOrder),
      account: act.look ? await contentOf(account, others) : null,
    };
  };
}
