import { eq } from "drizzle-orm";
import { serviceKeys } from "../db/schema.ts";
import type { Queryable } from "./queryable.ts";

/** The service's own key of this name; made at the first call, and the same for every process after that. */
export async function ensureServiceKey(database: Queryable, name: string, make: () => string): Promise<string> {
  await database.insert(serviceKeys).values({ name, value: make() }).onConflictDoNothing();
  const [row] = await database.select().from(serviceKeys).where(eq(serviceKeys.name, name));
  if (row === undefined) throw new Error(`the service's key ${name} was not stored`);
  return row.value;
}
