/** The table that a chaos run prints. */
import { allFaults, nameOf, victims, type FaultPlace, type SuddenVictim } from "./faults.ts";
import type { Broken, RoundReport } from "./round.ts";

/** Deaths in a round. */
export const killsIn = ({ struck, sudden }: RoundReport): number => struck.length + (sudden === null ? 0 : 1);

const count = (rounds: readonly RoundReport[], of: (round: RoundReport) => number): number =>
  rounds.reduce((sum, round) => sum + of(round), 0);

const brokenIn = (rounds: readonly RoundReport[], kind: keyof Broken): number =>
  count(rounds, ({ broken }) => broken[kind].length);

/** Whether every invariant held. */
export const held = (rounds: readonly RoundReport[]): boolean =>
  (["lost", "twice", "falsely", "needlessly"] as const).every((kind) => brokenIn(rounds, kind) === 0);

/** Faults that never struck. */
export const missed = (rounds: readonly RoundReport[], faults: readonly FaultPlace[] = allFaults): string[] =>
  faults
    .filter(({ point, victim }) =>
      rounds.every(({ struck }) => struck.every((fault) => fault.point !== point || fault.victim !== victim)),
    )
    .map(({ point, victim }) => `${victim} at ${point}`);

/** What broke in a round, with how to find it again. */
export function complaints(round: RoundReport, where: string): string[] {
  const { lost, twice, falsely, needlessly } = round.broken;
  const all = [
    ...lost.map((sentence) => `LOST      ${sentence}`),
    ...twice.map((sentence) => `TWICE     ${sentence}`),
    ...falsely.map((sentence) => `FALSE     ${sentence}`),
    ...needlessly.map((sentence) => `NEEDLESS  ${sentence}`),
  ];
  return all.length === 0 ? [] : [`${where}, ${describe(round)}:`, ...all.map((line) => `  ${line}`)];
}

/** What was asked for, and who died. */
export const describe = ({ struck, sudden, workload }: RoundReport): string =>
  [
    `${workload.kind} ${workload.stack}`,
    ...struck.map(nameOf),
    ...(sudden === null ? [] : [`${sudden.victim} after ${sudden.milliseconds} ms`]),
  ].join(", ");

/** Kills by place and victim, and what came of them, as Markdown. */
export function table(rounds: readonly RoundReport[]): string[] {
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  const places = [...new Set(allFaults.map(({ point }) => point))];
  const struckAt = (point: string, victim: string): number =>
    count(rounds, ({ struck }) => struck.filter((fault) => fault.point === point && fault.victim === victim).length);
  const columns: readonly SuddenVictim[] = [...victims, "cli"];
  const suddenly = (victim: SuddenVictim): number => count(rounds, ({ sudden }) => (sudden?.victim === victim ? 1 : 0));
  const possible = (point: string, victim: string): boolean =>
    allFaults.some((fault) => fault.point === point && fault.victim === victim);
  return [
    row(["killed with -9 at", ...columns]),
    row(["---", ...columns.map(() => "--:")]),
    ...places.map((point) =>
      row([`\`${point}\``, ...columns.map((victim) => (possible(point, victim) ? struckAt(point, victim) : ""))]),
    ),
    row(["any moment", ...columns.map(suddenly)]),
    "",
    row([
      "rounds",
      "kills",
      "ran again",
      "needed recovery",
      "lost",
      "applied twice",
      "false state",
      "needlessly failed",
    ]),
    row(["--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:"]),
    row([
      rounds.length,
      count(rounds, killsIn),
      count(rounds, ({ ranAgain }) => ranAgain),
      count(rounds, ({ recovered }) => recovered),
      ...(["lost", "twice", "falsely", "needlessly"] as const).map((kind) => brokenIn(rounds, kind)),
    ]),
  ];
}
