/**
 * Who carries out which operation. Which comes next is decided in the database (0020-share-at-the-gate.sql); time is the database's.
 */
import { and, eq, sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { operations, type OperationRow } from "../db/schema.ts";
import type { IdentityCenterShare } from "../domain/identity-center-share.ts";
import type { Queryable } from "./queryable.ts";

/** What people have asked of an operation that runs. */
export interface StopRequests {
  cancel: boolean;
  /** At once, instead of after the steps that run. */
  kill: boolean;
}

/** A claim by its number: an operation taken anew has another one. */
type Claim = Pick<OperationRow, "id" | "attempt">;

export interface LeaseStore {
  /**
   * Takes the operation that is due next: queued, or running under a lease that is over. `null` when none is.
   *
   * @param now when it was asked for: an operation that starts for the first time starts then, or when its turn came.
   * @param places how many operations the process carries out at once: what there is of Identity Center's limits is divided
   *   among so many
   */
  claim(worker: string, seconds: number, now: Date, places?: number): Promise<OperationRow | null>;
  /**
   * Takes this operation, reserved or not, if it could be taken now: as `claim` would, were it the only one. `null` when not;
   * then nothing is changed.
   */
  claimOne(id: string, worker: string, seconds: number, now: Date, places: number): Promise<OperationRow | null>;
  /** Keeps one that waits from `claim` for so many seconds; whoever calls takes it meanwhile, by `claimOne`. */
  reserve(id: string, seconds: number): Promise<void>;
  /** Ends a reservation: the operation is anybody's. */
  unreserve(id: string): Promise<void>;
  /** Holds it for so many seconds from now on; `null` when this claim does not hold it any more. */
  renew(claim: Claim, seconds: number): Promise<StopRequests | null>;
  /**
   * Has it take the share that it wishes for, if that is its turn and there is so much; true when it has it, or needs none.
   * Otherwise it waits its turn from now on: ask again when something went back.
   */
  passGate(claim: Claim): Promise<boolean>;
  /** Keeps this much of its share of Identity Center's limits; the rest is there for others at once. */
  keepShare(claim: Claim, share: IdentityCenterShare): Promise<void>;
  /** What was asked of it meanwhile; `null` when this claim does not hold it any more. */
  stopRequests(claim: Claim): Promise<StopRequests | null>;
  /**
   * Keeps the operation this claim's until the transaction ends: nobody takes it meanwhile, while its lease is renewed and
   * people cancel it as ever. False when this claim does not hold it any more.
   */
  hold(claim: Claim): Promise<boolean>;
  /**
   * Puts it back for any worker, after so many seconds. `lost`: as one whose worker was lost, `why` in a sentence; `throttled`: as
   * one that AWS was too busy for; `begun`: its apply has begun,
   * and what it claimed stays claimed. False when this claim does not hold it any more.
   */
  handBack(
    claim: Claim,
    options: { seconds: number; lost: boolean; why?: string; throttled?: boolean; begun: boolean },
  ): Promise<boolean>;
}

const claimedId = z.object({ id: z.uuid().nullable() });

const passage = z.object({ passed: z.boolean() });

const held = ({ id, attempt }: Claim): SQL | undefined =>
  and(eq(operations.id, id), eq(operations.attempt, attempt), eq(operations.status, "running"));

const requests = {
  cancel: sql<boolean>`${operations.cancelRequestedAt} is not null`,
  kill: sql<boolean>`${operations.killRequestedAt} is not null`,
};

const inSeconds = (seconds: number): SQL => sql`clock_timestamp() + make_interval(secs => ${seconds})`;

const waits = (id: string): SQL | undefined => and(eq(operations.id, id), eq(operations.status, "queued"));

/** The channel and word of 0008-leases.sql: there may be something to take. */
const tellQueue = sql`pg_notify('gatehouse_operation', 'queue')`;

interface Taking {
  worker: string;
  seconds: number;
  now: Date;
  places: number;
}

const take = async (
  database: Queryable,
  only: string | null,
  { worker, seconds, now, places }: Taking,
): Promise<OperationRow | null> => {
  const answer = await database.execute(
    sql`select gatehouse.claim_operation(${worker}, make_interval(secs => ${seconds}), ${now.toISOString()}, ${places}, ${only}) as id`,
  );
  const { id } = claimedId.parse(answer.rows[0]);
  if (id === null) return null;
  const [row] = await database.select().from(operations).where(eq(operations.id, id));
  return row ?? null;
};

export const leaseStore = (database: Queryable): LeaseStore => ({
  claim: (worker, seconds, now, places = 1) => take(database, null, { worker, seconds, now, places }),
  claimOne: (id, worker, seconds, now, places) => take(database, id, { worker, seconds, now, places }),

  async reserve(id, seconds) {
    await database
      .update(operations)
      .set({ availableAt: inSeconds(seconds) })
      .where(waits(id));
  },

  async unreserve(id) {
    const freed = database
      .$with("freed")
      .as(database.update(operations).set({ availableAt: null }).where(waits(id)).returning({ id: operations.id }));
    await database.with(freed).select({ told: tellQueue }).from(freed);
  },

  async renew(claim, seconds) {
    // One that is over and that nobody took may be held again: nothing has happened in between.
    const [row] = await database
      .update(operations)
      .set({ leaseUntil: inSeconds(seconds) })
      .where(held(claim))
      .returning(requests);
    return row ?? null;
  },

  async passGate({ id, attempt }) {
    const answer = await database.execute(sql`select gatehouse.pass_identity_center_gate(${id}, ${attempt}) as passed`);
    return passage.parse(answer.rows[0]).passed;
  },

  async keepShare(claim, share) {
    const kept = database
      .$with("kept")
      .as(
        database
          .update(operations)
          .set({ identityCenterShare: share })
          .where(held(claim))
          .returning({ id: operations.id }),
      );
    // Workers may wait for what went back.
    await database.with(kept).select({ told: tellQueue }).from(kept);
  },

  async stopRequests(claim) {
    const [row] = await database.select(requests).from(operations).where(held(claim));
    return row ?? null;
  },

  async hold(claim) {
    const rows = await database.select({ id: operations.id }).from(operations).where(held(claim)).for("key share");
    return rows.length === 1;
  },

  async handBack(claim, { seconds, lost, why, throttled = false, begun }) {
    const rows = await database
      .update(operations)
      .set({
        status: "queued",
        progress: null,
        leaseOwner: null,
        leaseUntil: null,
        availableAt: seconds > 0 ? inSeconds(seconds) : null,
        ...(begun ? {} : { stackBefore: null, applyStartedAt: null }),
        lostLeases: sql`${operations.lostLeases} + ${lost ? 1 : 0}`,
        ...(lost && why !== undefined
          ? { lastLoss: sql`jsonb_build_object('why', ${why}::text, 'losses', ${operations.lostLeases} + 1)` }
          : {}),
        throttled: sql`${operations.throttled} + ${throttled ? 1 : 0}`,
      })
      .where(held(claim))
      .returning({ id: operations.id });
    return rows.length === 1;
  },
});
