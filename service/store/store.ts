/**
 * What the use cases keep. One file per table; this one puts them together, so that a transaction carries all of them and
 * the queue alike.
 */
import { sql } from "drizzle-orm";
import { idempotencyKeyStore, type IdempotencyKeyStore } from "./idempotency-keys.ts";
import { eventStore, type EventStore } from "./events.ts";
import { operationStore, type OperationStore } from "./operations.ts";
import type { Queryable } from "./queryable.ts";
import { peopleStore, type PeopleStore } from "./people.ts";
import { retainedStore, type RetainedStore } from "./retained-resources.ts";
import { stackStore, type StackStore } from "./stacks.ts";

/** Puts an operation into the queue, in the transaction that stores it. */
export type Enqueue = (queryable: Queryable, job: { operationId: string; stack: string }) => Promise<void>;

export interface Tables {
  stacks: StackStore;
  operations: OperationStore;
  events: EventStore;
  people: PeopleStore;
  retained: RetainedStore;
  idempotencyKeys: IdempotencyKeyStore;
  enqueue(job: { operationId: string; stack: string }): Promise<void>;
  /**
   * Until the transaction ends, nobody else holds these names (`group:ProductionAccess`): for decisions about what two
   * stacks may both want. Taken in one order, so that two callers never wait for each other.
   */
  lock(names: string[]): Promise<void>;
}

export interface Store extends Tables {
  transaction<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result>;
}

/** Keeps our advisory locks apart from those that others take in the same database. */
const lockClass = 7205;

const tablesOf = (queryable: Queryable, enqueue: Enqueue): Tables => ({
  stacks: stackStore(queryable),
  operations: operationStore(queryable),
  events: eventStore(queryable),
  people: peopleStore(queryable),
  retained: retainedStore(queryable),
  idempotencyKeys: idempotencyKeyStore(queryable),
  enqueue: (job) => enqueue(queryable, job),
  async lock(names) {
    for (const name of [...new Set(names)].sort())
      await queryable.execute(sql`select pg_advisory_xact_lock(${lockClass}, hashtext(${name}))`);
  },
});

export const createStore = (database: Queryable, enqueue: Enqueue): Store => ({
  ...tablesOf(database, enqueue),
  transaction: (work) => database.transaction((transaction) => work(tablesOf(transaction, enqueue))),
});
