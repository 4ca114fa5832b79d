import { and, eq, gt, sql } from "drizzle-orm";
import { events, operations, type OperationRow } from "../db/schema.ts";
import type { EventPage, OperationEventData, OperationEventType } from "../domain/operation-event.ts";
import { isFinished } from "../domain/operation.ts";
import type { Queryable } from "./queryable.ts";

/** An event to be written; number, time and attempt come with the writing. */
export interface NewEvent {
  type: OperationEventType;
  data: OperationEventData;
}

export interface EventStore {
  /**
   * Writes events of a running attempt in their order, behind all that are there, together with what else changed on the
   * operation's row: one statement. False when this attempt does not hold the operation any more; then nothing was written.
   */
  append(
    operationId: string,
    attempt: number,
    added: readonly NewEvent[],
    change?: Partial<Pick<OperationRow, "progress" | "applyStartedAt">>,
  ): Promise<boolean>;
  /** Events behind a number, `limit` at most, as of one moment; null when there is no such operation. */
  page(operationId: string, after: number, limit: number): Promise<(EventPage & { lastEvent: number }) | null>;
}

export const eventStore = (database: Queryable): EventStore => ({
  async append(operationId, attempt, added, change = {}) {
    // Raising the number holds the row, so writers take turns, and readers see no event before those in front of it.
    const held = database.$with("held").as(
      database
        .update(operations)
        .set({ ...change, lastEvent: sql`${operations.lastEvent} + ${added.length}` })
        .where(and(eq(operations.id, operationId), eq(operations.attempt, attempt), eq(operations.status, "running")))
        .returning({ lastEvent: operations.lastEvent }),
    );
    if (added.length === 0) return (await database.with(held).select().from(held)).length === 1;
    const written = await database
      .with(held)
      .insert(events)
      .select(
        sql`select ${operationId}::uuid, ${held.lastEvent} - ${added.length} + position::integer, event->>'type',
                   ${attempt}::integer, clock_timestamp(), event->'data'
              from ${held}, jsonb_array_elements(${JSON.stringify(added)}::jsonb) with ordinality as added (event, position)`,
      )
      .returning({ number: events.number });
    return written.length > 0;
  },

  async page(operationId, after, limit) {
    const rows = await database
      .select({
        status: operations.status,
        stack: operations.stack,
        kind: operations.kind,
        lastEvent: operations.lastEvent,
        event: events,
      })
      .from(operations)
      .leftJoin(events, and(eq(events.operationId, operations.id), gt(events.number, after)))
      .where(eq(operations.id, operationId))
      .orderBy(events.number)
      .limit(limit);
    const [first] = rows;
    if (first === undefined) return null;
    const { status, stack, kind, lastEvent } = first;
    const found = rows.flatMap(({ event }) => (event === null ? [] : [event]));
    return {
      events: found.map(({ number, type, at, attempt, data }) => ({
        number,
        type,
        at: at.toISOString(),
        operation: operationId,
        stack,
        kind,
        attempt,
        data,
      })),
      // A page that is not full is the last there is now; events that housekeeping took away are not waited for.
      over: isFinished(status) && found.length < limit,
      lastEvent,
    };
  },
});
