import type { Database } from "../db/database.ts";
import { readWorkFigures } from "../store/work-figures.ts";
import type { WorkFigures } from "./sources.ts";

interface ErrorLogger {
  error: (fields: object, message: string) => void;
}

/** The work that waits, asked of the database. An error is told where errors belong, and rejects all the same. */
export async function workFigures(
  { queries, outages }: Pick<Database, "queries" | "outages">,
  now: () => Date,
  logger: ErrorLogger,
): Promise<WorkFigures> {
  try {
    const { oldestQueuedAt, ...counts } = await readWorkFigures(queries);
    const waited = oldestQueuedAt === null ? 0 : (now().getTime() - oldestQueuedAt.getTime()) / 1000;
    return { ...counts, oldestQueuedSeconds: Math.max(0, waited) };
  } catch (error) {
    if (!outages.noticed(error)) logger.error({ error }, "the queue could not be measured");
    throw error;
  }
}
