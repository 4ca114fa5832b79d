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

/** What dies in one round. */
export interface RoundPlan {
  /** One after the other: the next is armed in the process that takes the dead one's place. */
  faults: Fault[];
  sudden: SuddenDeath | null;
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
 * Plans without end: all faults in a new order each time round, every third with a second death during the recovery from
 * the first, and a sudden death after every sixth.
 *
 * @param start where in its first round of all faults this one begins, so that several runs side by side share them.
 */
export function* roundPlans(random: Random, start: number): Generator<RoundPlan, never> {
  const withNth = (fault: Omit<Fault, "nth">): Fault => ({
    ...fault,
    nth: random.integer(1, nthAtMost[fault.point] ?? 1),
  });
  for (let count = 0; ;) {
    const order = random.shuffle(allFaults);
    for (const [index] of order.entries()) {
      const fault = order[(index + start) % order.length];
      if (fault === undefined) continue;
      count += 1;
      // A dead service is started again with the next fault armed; a dead child's place is taken without a new start.
      const second = count % 3 === 0 && fault.victim === "service" ? [withNth(random.pick(allDeadly))] : [];
      yield { faults: [withNth(fault), ...second], sudden: null };
      if (count % 6 === 0)
        yield {
          faults: [],
          sudden: { victim: random.pick(["service", "child", "database"]), milliseconds: random.integer(0, 1_200) },
        };
    }
  }
}

const [first, ...others] = allFaults;
if (first === undefined) throw new Error("there are no fault points");
const allDeadly: readonly [Omit<Fault, "nth">, ...Omit<Fault, "nth">[]] = [first, ...others];
