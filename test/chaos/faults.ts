/** Who dies where: every fault point with every process that can die at it. */
import { faultPoints, type FaultPoint } from "../../service/fault-points.ts";
import type { Random } from "./seeded-random.ts";

/** `service` is whichever process comes to the point: the whole service, the API or a worker where they run apart. */
export type Victim = "service" | "child" | "database";
export const victims: readonly Victim[] = ["service", "child", "database"];

export type ChaosEngine = "sandbox" | "automation";
/** With the real CLI, it and its plugins die too, at no place of ours. */
export type SuddenVictim = Victim | "cli";
const suddenVictims: Record<ChaosEngine, readonly [SuddenVictim, ...SuddenVictim[]]> = {
  sandbox: ["service", "child", "database"],
  automation: ["cli", "cli", "service", "child", "database"],
};

/** At a named place, when a process comes by for the nth time. */
export interface Fault {
  point: FaultPoint;
  nth: number;
  victim: Victim;
}

/** At no place in particular. */
export interface SuddenDeath {
  victim: SuddenVictim;
  /** After the request was sent. */
  milliseconds: number;
}

/** Places that a runner child comes by; all others are the service's own. */
const pointsInChild: ReadonlySet<FaultPoint> = new Set<FaultPoint>([
  "child-started",
  "pending-recording",
  "pending-recorded",
  "resource-written",
  "resource-recorded",
  "run-finished",
]);

/** Places that each resource write comes by, and those that the preview and what follows it both do. */
const nthAtMost: Partial<Record<FaultPoint, number>> = {
  "operation-claimed": 2,
  "child-started": 2,
  "pending-recording": 6,
  "pending-recorded": 6,
  "resource-written": 6,
  "resource-recorded": 6,
  "run-finished": 2,
  "result-received": 2,
  "result-computed": 2,
  "result-stored": 2,
};

/** Places that the sandbox comes by as it writes; the CLI writes in processes of its own, which know no places. */
const pointsOfWrites: ReadonlySet<FaultPoint> = new Set<FaultPoint>([
  "pending-recording",
  "pending-recorded",
  "resource-written",
  "resource-recorded",
]);

export type FaultPlace = Omit<Fault, "nth">;

/** Every place with everybody who can die there. */
export const allFaults: readonly FaultPlace[] = faultPoints.flatMap((point) =>
  victims
    .filter((victim) => victim !== "child" || pointsInChild.has(point))
    .map((victim): FaultPlace => ({ point, victim })),
);

/** Those that an engine's runs come by. */
export const faultsOf = (engine: ChaosEngine): readonly FaultPlace[] =>
  engine === "sandbox" ? allFaults : allFaults.filter(({ point }) => !pointsOfWrites.has(point));

/** The environment that makes a process, and the children that it forks, die so. `once` is a file that says that one did. */
export const environmentOf = ({ point, nth, victim }: Fault, once: string, databasePidFile: string) => ({
  GATEHOUSE_FAULT: `${point}:${nth}${victim === "service" && pointsInChild.has(point) ? ":parent" : ""}`,
  GATEHOUSE_FAULT_ONCE: once,
  ...(victim === "database" ? { GATEHOUSE_FAULT_VICTIM: databasePidFile } : {}),
});

export const nameOf = ({ point, nth, victim }: Fault): string => `${victim} at ${point}:${nth}`;

/**
 * Faults without end: all of them in a new order each time round.
 *
 * @param start where in its first round of all faults this one begins, so that several runs side by side share them.
 */
export function* faultsInTurn(random: Random, start: number, faults: readonly FaultPlace[]): Generator<Fault, never> {
  for (;;) {
    const order = random.shuffle(faults);
    for (const fault of [...order.slice(start), ...order.slice(0, start)])
      yield { ...fault, nth: random.integer(1, nthAtMost[fault.point] ?? 1) };
  }
}

/** About as long as a preview and the up that follows it take. */
const latestDeathMilliseconds: Record<ChaosEngine, number> = { sandbox: 1_200, automation: 6_000 };

/** A death at no place in particular. */
export const suddenDeath = (random: Random, engine: ChaosEngine): SuddenDeath => ({
  victim: random.pick(suddenVictims[engine]),
  milliseconds: random.integer(0, latestDeathMilliseconds[engine]),
});
