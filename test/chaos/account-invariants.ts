/** What must hold of the simulated account, seen from outside: its own count of every write, and the checkpoints beside it. */
import type pg from "pg";
import type { ChaosEngine } from "./faults.ts";

interface Invariant {
  /** What a row of the query means. */
  broken: string;
  /** Gives no row while it holds; the first column names what breaks it. */
  query: string;
}

/** Applied twice: found from the account's calls and from what lies in it. */
const appliedOnce: readonly Invariant[] = [
  {
    broken: "made while it was there, or deleted while it was not",
    query: `
      select type || ' ' || id || ' in ' || account || ': ' || string_agg(verb, ', ' order by sequence) as subject
      from (
        select *, sum(case verb when 'create' then 1 when 'delete' then -1 else 0 end)
          over (partition by account, region, type, id order by sequence) as alive
        from simulated_aws.calls
      ) as counted
      group by account, region, type, id
      having min(alive) < 0 or max(alive) > 1`,
  },
  {
    broken: "two resources with the same inputs in one place",
    query: `
      select type || ': ' || string_agg(id, ', ') as subject
      from simulated_aws.resources
      where origin = 'provider' and deletion_date is null
      group by account, region, type, inputs
      having count(*) > 1`,
  },
];

/** What the stacks hold in the account, with type and id: by the sandbox's checkpoints, or by what is kept of Pulumi's state. */
const recordedBy: Record<ChaosEngine, string> = {
  sandbox: `
  select state ->> 'type' as type, state ->> 'id' as id, state -> 'scope' as scope, stack, urn
  from sandbox.resources
  where (state ->> 'custom')::boolean and state ->> 'type' not like 'pulumi:%' and state ->> 'id' is not null`,
  automation: `
  select resource ->> 'type' as type, resource ->> 'id' as id,
    jsonb_build_array(resource -> 'account', resource -> 'region') as scope, stack, resource ->> 'urn' as urn
  from automation.stacks, jsonb_array_elements(resources) as resource`,
};

/** In a false state: the account and what is recorded of it differ. */
const recordedTruly = (recorded: string): readonly Invariant[] => [
  {
    broken: "recorded, and not in the account",
    query: `
      select urn || ' (' || id || ')' as subject from (${recorded}) as recorded
      where not exists (
        select from simulated_aws.resources as resource
        where resource.type = recorded.type and resource.id = recorded.id and resource.deletion_date is null
      )`,
  },
  {
    broken: "recorded twice",
    query: `
      select type || ' ' || id as subject from (${recorded}) as recorded
      group by type, id, scope having count(*) > 1`,
  },
  {
    broken: "in the account, and recorded nowhere",
    query: `
      select type || ' ' || id as subject from simulated_aws.resources as resource
      where origin = 'provider' and deletion_date is null
        and not exists (
          select from (${recorded}) as recorded where recorded.type = resource.type and recorded.id = resource.id
        )
        and not exists (
          select from gatehouse.retained_resources as retained
          where retained.type = resource.type and retained.id = resource.id
        )`,
  },
];

/** The sandbox's notes go with what they are about; the CLI's are in Pulumi's own state. */
const doubtsTold: readonly Invariant[] = [
  {
    broken: "in doubt, while no operation needs recovery",
    query: `
      select pending.stack || ': ' || urn as subject from sandbox.pending_operations as pending
      where not exists (
        select from gatehouse.stacks as stack
        where stack.status = 'needs_recovery' and replace(stack.name, '/', '.') = pending.stack
      )`,
  },
];

const check = async (client: pg.Client, invariants: readonly Invariant[]): Promise<string[]> => {
  const found: string[] = [];
  for (const { broken, query } of invariants) {
    const { rows } = await client.query<{ subject: string }>(query);
    found.push(...rows.map(({ subject }) => `${broken}: ${subject}`));
  }
  return found;
};

/** Sentences for each thing that was applied twice. */
export const appliedTwice = (client: pg.Client): Promise<string[]> => check(client, appliedOnce);

/** Sentences for each difference between the account and what is recorded of it. Only true while nothing runs. */
export const recordedFalsely = (client: pg.Client, engine: ChaosEngine): Promise<string[]> =>
  check(client, [...recordedTruly(recordedBy[engine]), ...(engine === "sandbox" ? doubtsTold : [])]);

/** What the sandbox has in doubt on a stack, by Pulumi's name. */
export async function pendingOf(client: pg.Client, stack: string): Promise<string[]> {
  const { rows } = await client.query<{ urn: string }>(
    "select urn from sandbox.pending_operations where stack = $1 order by urn",
    [stack],
  );
  return rows.map(({ urn }) => urn);
}
