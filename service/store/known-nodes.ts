import { and, eq, inArray } from "drizzle-orm";
import { knownNodes } from "../db/schema.ts";
import type { Queryable } from "./queryable.ts";

/** A node that carried an environment's tag when it was last verified. */
export interface KnownNode {
  account: string;
  region: string;
  node: string;
  /** Its tag `Name`. */
  name: string | null;
  seenAt: Date;
}

export interface KnownNodeStore {
  of(stack: string): Promise<KnownNode[]>;
  /** Adds them, or notes that they were seen again. */
  see(stack: string, nodes: KnownNode[]): Promise<void>;
  /** They are gone, or not the environment's any more on purpose. */
  forget(stack: string, nodes: readonly string[]): Promise<void>;
}

export const knownNodeStore = (database: Queryable): KnownNodeStore => ({
  of: (stack) => database.select().from(knownNodes).where(eq(knownNodes.stack, stack)).orderBy(knownNodes.node),

  async see(stack, nodes) {
    if (nodes.length === 0) return;
    await database.delete(knownNodes).where(
      and(
        eq(knownNodes.stack, stack),
        inArray(
          knownNodes.node,
          nodes.map(({ node }) => node),
        ),
      ),
    );
    await database.insert(knownNodes).values(nodes.map((node) => ({ ...node, stack })));
  },

  async forget(stack, nodes) {
    if (nodes.length === 0) return;
    await database.delete(knownNodes).where(and(eq(knownNodes.stack, stack), inArray(knownNodes.node, [...nodes])));
  },
});
