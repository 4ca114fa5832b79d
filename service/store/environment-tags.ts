import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Queryable } from "./queryable.ts";

interface TagPair {
  key: string;
  value: string;
}

/** An environment that is applied, by its tag pair. */
export interface TaggedEnvironment {
  name: string;
  tag: TagPair;
  accounts: string[];
}

export interface EnvironmentTagStore {
  /** Environments whose tag pair is among these: keys in any case, values with case, as IAM compares them. */
  among(pairs: readonly TagPair[]): Promise<TaggedEnvironment[]>;
}

const rows = z.array(
  z.object({
    name: z.string(),
    tag: z.object({ key: z.string(), value: z.string() }),
    accounts: z.array(z.string()),
  }),
);

export const environmentTagStore = (database: Queryable): EnvironmentTagStore => ({
  async among(pairs) {
    if (pairs.length === 0) return [];
    // Written as the index stacks_tag is (0012-access.sql), so that it serves.
    const answer = await database.execute(sql`
      select distinct on (stacks.name) substr(stacks.name, 13) as name, stacks.spec -> 'tag' as tag,
        array(select distinct target ->> 'account' from jsonb_array_elements(stacks.spec -> 'targets') as target) as accounts
      from jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) as pair(key text, value text)
      join gatehouse.stacks on lower(stacks.spec #>> '{tag,key}') = lower(pair.key)
        and stacks.spec #>> '{tag,value}' = pair.value
      where stacks.kind = 'environment'
      order by stacks.name`);
    return rows.parse(answer.rows);
  },
});
