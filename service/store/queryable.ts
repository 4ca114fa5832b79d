import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { NodePgQueryResultHKT } from "drizzle-orm/node-postgres";
import type { PgDatabase } from "drizzle-orm/pg-core";

type NoTables = Record<string, never>;

/** A connection pool or a transaction on it; queries run on either alike. */
export type Queryable = PgDatabase<NodePgQueryResultHKT, NoTables, ExtractTablesWithRelations<NoTables>>;
