/** Who dies where: every fault point with every process that can die at it. */
import { faultPoints, type FaultPoint } from "../../service/fault-points.ts";
import type { Random } from "./seeded-random.ts";

/** `service` is whichever process comes to the point: the whole service, the API or a worker where they run apart. */
export type Victim = "service" | "child" | "database";
export const victims: readonly Victim[] = ["service", "child", "database"];

/** At a named place, when a process comes by for the nth time. */
export interface Fault {
  point: FaultPoint;
  nth: number;
  victim: Victim;
}

/** At no place in particular. */
export interface SuddenDeath {
  victim: Victim;
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

/** Every place with everybody who can die there. */
export const allFaults: readonly Omit<Fault, "nth">[] = faultPoints.flatMap((point) =>
  victims
    .filter((victim) => victim !== "child" || pointsInChild.has(point))
    .map((victim): Omit<Fault, "nth"> => ({ point, victim })),
);

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
export function* faultsInTurn(random: Random, start: number): Generator<Fault, never> {
  for (;;) {
    const order = random.shuffle(allFaults);
    for (const fault of [...order.slice(start), ...order.slice(0, start)])
      yield { ...fault, nth: random.integer(1, nthAtMost[fault.point] ?? 1) };
  }
}

/** A death at no place in particular. */
export const suddenDeath = (random: Random): SuddenDeath => ({
  victim: random.pick(["service", "child", "database"]),
  milliseconds: random.integer(0, 1_200),
});
