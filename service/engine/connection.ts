import type pg from "pg";

/** A connection to the database, or a pool of them: each statement is a transaction of its own. */
export type Connection = Pick<pg.Pool, "query">;
