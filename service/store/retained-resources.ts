import { and, eq, inArray, or } from "drizzle-orm";
import { retainedResources } from "../db/schema.ts";
import type { Queryable } from "./queryable.ts";

/** A resource that a stack left in the account. Region is empty where the resource has none. */
interface RetainedResource {
  account: string;
  region: string;
  type: string;
  id: string;
  stack: string;
}

export interface RetainedStore {
  /** Those that this stack, or any other (people, buckets), left behind, by id. */
  find(ids: string[]): Promise<RetainedResource[]>;
  add(resources: RetainedResource[], now: Date): Promise<void>;
  /** Taken back, or gone. */
  remove(resources: Pick<RetainedResource, "account" | "region" | "type" | "id">[]): Promise<void>;
}

export const retainedStore = (database: Queryable): RetainedStore => ({
  find: async (ids) =>
    ids.length === 0 ? [] : database.select().from(retainedResources).where(inArray(retainedResources.id, ids)),

  async add(resources, now) {
    if (resources.length === 0) return;
    await database
      .insert(retainedResources)
      .values(resources.map((resource) => ({ ...resource, retainedAt: now })))
      .onConflictDoNothing();
  },

  async remove(resources) {
    if (resources.length === 0) return;
    const same = resources.map(({ account, region, type, id }) =>
      and(
        eq(retainedResources.account, account),
        eq(retainedResources.region, region),
        eq(retainedResources.type, type),
        eq(retainedResources.id, id),
      ),
    );
    await database.delete(retainedResources).where(or(...same));
  },
});
