/**
 * What the use cases keep. One file per table; this one puts them together, so that a transaction carries all of
 * them.
 */
import { sql } from "drizzle-orm";
import { idempotencyKeyStore, type IdempotencyKeyStore } from "./idempotency-keys.ts";
import { eventStore, type EventStore } from "./events.ts";
import { environmentTagStore, type EnvironmentTagStore } from "./environment-tags.ts";
import { knownNodeStore, type KnownNodeStore } from "./known-nodes.ts";
import { leaseStore, type LeaseStore } from "./leases.ts";
import { operationStore, type OperationStore } from "./operations.ts";
import type { Queryable } from "./queryable.ts";
import { peopleStore, type PeopleStore } from "./people.ts";
import { retentionStore, type RetentionStore } from "./retention.ts";
import { retainedStore, type RetainedStore } from "./retained-resources.ts";
import { stackStore, type StackStore } from "./stacks.ts";

export interface Tables {
  stacks: StackStore;
  operations: OperationStore;
  leases: LeaseStore;
  events: EventStore;
  people: PeopleStore;
  retained: RetainedStore;
  idempotencyKeys: IdempotencyKeyStore;
  environmentTags: EnvironmentTagStore;
  knownNodes: KnownNodeStore;
  retention: RetentionStore;
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

const tablesOf = (queryable: Queryable): Tables => ({
  stacks: stackStore(queryable),
  operations: operationStore(queryable),
  leases: leaseStore(queryable),
  events: eventStore(queryable),
  people: peopleStore(queryable),
  retained: retainedStore(queryable),
  idempotencyKeys: idempotencyKeyStore(queryable),
  environmentTags: environmentTagStore(queryable),
  knownNodes: knownNodeStore(queryable),
  retention: retentionStore(queryable),
  async lock(names) {
    for (const name of [...new Set(names)].sort())
      await queryable.execute(sql`select pg_advisory_xact_lock(${lockClass}, hashtext(${name}))`);
  },
});

export const createStore = (database: Queryable): Store => ({
  ...tablesOf(database),
  transaction: (work) => database.transaction((transaction) => work(tablesOf(transaction))),
});
