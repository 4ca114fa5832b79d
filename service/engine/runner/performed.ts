/** Between a runner child and the engine that it runs: what the engine is given for a run, and what it gives back. */
import type { Scope } from "../../cloud/provider.ts";
import type { ProgramRun, Run, RunOptions, RunResult } from "../engine.ts";

/** A program with its arguments: gives its outputs. */
export type Program = () => Promise<Record<string, unknown>>;

/** What every engine has for its runs, whatever they do. */
export interface RunMeans {
  /** The program that a run names, ready to be called. */
  program: (run: ProgramRun) => Program;
  /** Pulumi's project. */
  project: string;
  /** Account and region of a provider that names none. */
  home: Scope;
  /** Keys the digests of secrets. */
  digestKey: string;
  now: () => Date;
}

/** Whom a run tells, what stops it, and who says that it may apply what it planned. */
export interface RunCompany extends Pick<RunOptions, "onEvent" | "signal"> {
  /** Resolves when it may apply; with false when it is stopped instead. */
  mayApply: () => Promise<boolean>;
}

/** A run, with its company. */
export interface GivenRun<Kind extends Run> extends RunCompany {
  run: Kind;
}

/** Something begun that waits for the next run of the child: the up that follows a preview. */
export interface Kept {
  /** Ends it, and nothing of it is applied. Called again, or too late, it does nothing. */
  letGo(): void;
  /** Resolves when nothing of it is left, because it was let go, waited too long or broke. Never when a run took it up. */
  ended: Promise<void>;
}

/** What came of a run, and what it left for the next one. */
export interface Performed {
  result: RunResult;
  kept: Kept | null;
}

/** What an engine does with the runs of its child, one at a time. */
export type Perform = (run: Run, company: RunCompany) => Promise<Performed>;
