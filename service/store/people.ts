import { eq, inArray, sql } from "drizzle-orm";
import { people } from "../db/schema.ts";
import type { Queryable } from "./queryable.ts";

interface Person {
  userName: string;
  /** The environment stack that holds the user; `null` when it let go and the person stayed. */
  ownerStack: string | null;
}

export interface PeopleStore {
  findMany(userNames: string[]): Promise<Person[]>;
  /** Every person that a stack owns. */
  ownedBy(stack: string): Promise<string[]>;
  /** Makes the stack the owner, unless another one is. */
  claim(userNames: string[], stack: string): Promise<void>;
  /** The stack let go of them and they stayed. */
  release(userNames: string[]): Promise<void>;
  /** They are gone from Identity Center, or were never made. */
  forget(userNames: string[]): Promise<void>;
}

export const peopleStore = (database: Queryable): PeopleStore => ({
  findMany: async (userNames) =>
    userNames.length === 0 ? [] : database.select().from(people).where(inArray(people.userName, userNames)),

  async ownedBy(stack) {
    const rows = await database.select().from(people).where(eq(people.ownerStack, stack));
    return rows.map(({ userName }) => userName);
  },

  async claim(userNames, stack) {
    if (userNames.length === 0) return;
    await database
      .insert(people)
      .values(userNames.map((userName) => ({ userName, ownerStack: stack })))
      .onConflictDoUpdate({
        target: people.userName,
        set: { ownerStack: stack },
        setWhere: sql`${people.ownerStack} is null`,
      });
  },

  async release(userNames) {
    if (userNames.length === 0) return;
    await database.update(people).set({ ownerStack: null }).where(inArray(people.userName, userNames));
  },

  async forget(userNames) {
    if (userNames.length === 0) return;
    await database.delete(people).where(inArray(people.userName, userNames));
  },
});
