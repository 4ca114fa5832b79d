/**
 * Scenarios as data: the life of one stack, run by run. The real CLI lives it for the recording, and each engine lives it to be
 * held to what was recorded. Nothing in here says what a run comes to, but for how the port classes a failure.
 */
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import type { FailureClass } from "../../../../service/domain/failure-classes.ts";
import type { JsonObject } from "../../../../service/domain/json.ts";
import type { ProgramRun } from "../../../../service/engine/engine.ts";

/** What the port makes of a failure that the CLI tells in many words: the classes are ours. */
export interface Failing {
  code: string;
  /** Left out where the port gives none. */
  failure?: FailureClass;
  /** Found in the CLI's diagnostics and in the port's detail alike. */
  text: string;
  /** End of the URN that the port names; `null` where it names none. */
  at: string | null;
}

export interface RunAct {
  /** What the run shows, for whoever reads the recording. */
  about: string;
  run: "preview" | "up" | "preview-destroy" | "destroy" | "refresh" | "drift-check";
  program?: ProgramRun["program"];
  /** Left out for runs that have no program. A function where they name what the account has by then, such as ids to import. */
  arguments?: JsonObject | ((account: SimulatedAccount) => Promise<JsonObject>);
  /** Whether it begins by reading the account. */
  refresh?: true;
  /** Engines are given the digest of the run before, a preview of the same: exactly that is applied. */
  approved?: true;
  /** Whether all that the account has is held to the recording too. */
  look?: true;
  fails?: Failing;
}

/** What others do to the account between runs. */
export interface OutsideAct {
  outside: (account: SimulatedAccount) => Promise<unknown>;
}

export type Act = RunAct | OutsideAct;

export const isRun = (act: Act): act is RunAct => "run" in act;

/** What a part of a life shows, and which resources it is about. */
export interface Behaviour {
  title: string;
  /** Found in `type::name` of its resources. */
  about: RegExp;
  /** Whether the order of their writes to the account is a part of it. Only of resources that depend on each other. */
  inOrder?: true;
}

export interface Life {
  /** Also the recording's file name, and unique: lives share an account. */
  name: string;
  about: string;
  /** The programs that its runs name: those of tests, or the product's own. */
  cast: "test" | "product";
  acts: readonly Act[];
  behaviours: readonly Behaviour[];
}

/** What a run's program is given. */
export const argumentsOf = async (act: RunAct, account: SimulatedAccount): Promise<{ arguments?: JsonObject }> => {
  if (act.arguments === undefined) return {};
  return { arguments: typeof act.arguments === "function" ? await act.arguments(account) : act.arguments };
};

export const stackOf = ({ name }: Life): string => `environment.${name}`;
