import { and, asc, eq, gt, gte, inArray, isNotNull, lt, ne, or, sql, type SQL } from "drizzle-orm";
import { operations, stacks, type StackRow } from "../db/schema.ts";
import { unfinishedStatuses } from "../domain/operation.ts";
import type { StackKind } from "../domain/stacks.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Queryable } from "./queryable.ts";

export type { StackRow };

interface StackChange extends Partial<Omit<StackRow, "name" | "sequence" | "kind" | "createdAt" | "updatedAt">> {
  updatedAt: Date;
}

/** A document that somebody wants applied or has applied, with the stack it belongs to. */
interface ClaimedDocument {
  stack: string;
  spec: NonNullable<StackRow["spec"]>;
}

export interface StackStore {
  find(name: string): Promise<StackRow | null>;
  findMany(names: string[]): Promise<StackRow[]>;
  /** Makes the row unless it is there. */
  ensure(row: Pick<StackRow, "name" | "kind" | "team"> & { now: Date }): Promise<void>;
  change(name: string, change: StackChange): Promise<void>;
  /** By name, after the cursor (a name). */
  list(kind: StackKind, limit: number, after: string | null): Promise<StackRow[]>;
  /** Documents of other environments that hold now, or that an unfinished up would make hold, and match. */
  othersClaiming(stack: string, match: EnvironmentMatch): Promise<ClaimedDocument[]>;
  /** Documents of environments that are applied, and match. */
  applied(match: EnvironmentMatch): Promise<ClaimedDocument[]>;
  /** Environments with an applied document, by name, after the cursor (a name). */
  listApplied(limit: number, after: string | null): Promise<StackRow[]>;
  /** Foundations of an account other than the one named, that hold something. */
  otherFoundations(account: string, except: string): Promise<StackRow[]>;
  /** Environments that hold something and have this account and region among their targets. */
  environmentsAt(account: string, region: string): Promise<StackRow[]>;
  /** Marks environments of a target as older than their foundation. */
  markOutdated(account: string, region: string, now: Date): Promise<void>;
}

/** What two environments may not both name. */
type EnvironmentMatch =
  | { groupName: string }
  | { permissionSetName: string }
  | { userNames: string[] }
  | { bucketName: string }
  /** Who may stand in each other's way: the same tag pair, or statements of their own in one of these accounts. */
  | { reach: { tag: { key: string; value: string }; accounts: string[] } }
  | { tag: { key: string; value: string } }
  /** Any with a target in one of these accounts. */
  | { accounts: string[] }
  /** Names in any case, as Identity Center compares them. */
  | { userNameInAnyCase: string }
  /** A folder of the archive, with its slash: the same, one above, or one below. */
  | { overlappingPrefix: string };

/** Written as the indexes of 0001-initial.sql and 0012-access.sql are, so that they serve. */
const condition = (spec: SQL, match: EnvironmentMatch): SQL => {
  if ("groupName" in match) return sql`${spec} #>> '{group,name}' = ${match.groupName}`;
  if ("permissionSetName" in match) return sql`${spec} #>> '{permissionSet,name}' = ${match.permissionSetName}`;
  if ("bucketName" in match) return sql`${spec} #>> '{logArchive,bucketName}' = ${match.bucketName}`;
  if ("overlappingPrefix" in match)
    return overlaps(sql<string>`(${spec} #>> '{logging,s3,keyPrefix}') collate "C"`, match.overlappingPrefix);
  if ("reach" in match)
    return any([
      hasTag(spec, match.reach.tag),
      sql`(${spec} #> '{extraStatements,0}') is not null and ${inAccounts(spec, match.reach.accounts)}`,
    ]);
  if ("tag" in match) return hasTag(spec, match.tag);
  if ("accounts" in match) return inAccounts(spec, match.accounts);
  if ("userNameInAnyCase" in match)
    return sql`lower((${spec} #> '{group,members}')::text)::jsonb @> lower(${JSON.stringify([{ username: match.userNameInAnyCase }])})::jsonb`;
  return any(match.userNames.map((userName) => contains(sql`${spec} #> '{group,members}'`, [{ userName }])));
};

/** As IAM compares tags: keys without case, values with. */
const hasTag = (spec: SQL, { key, value }: { key: string; value: string }): SQL =>
  sql`(lower(${spec} #>> '{tag,key}') = lower(${key}) and ${spec} #>> '{tag,value}' = ${value})`;

const inAccounts = (spec: SQL, accounts: string[]): SQL =>
  sql`(${any(accounts.map((account) => contains(sql`${spec} -> 'targets'`, [{ account }])))})`;

/** Below is a range: what starts with `a/` sorts from it up to `a0`, the character after the slash. */
const overlaps = (column: SQL<string>, prefix: string): SQL => {
  const folders = prefix.split("/").slice(0, -1);
  const above = folders.map((_folder, depth) => `${folders.slice(0, depth + 1).join("/")}/`);
  const below = and(gte(column, prefix), lt(column, prefix.replace(/\/$/, "0")));
  return any([inArray(column, above), below ?? sql`false`]);
};

const contains = (column: SQL, part: JsonObject[]): SQL => sql`${column} @> ${JSON.stringify(part)}::jsonb`;
const any = (conditions: SQL[]): SQL => or(...conditions) ?? sql`false`;

const holding = isNotNull(stacks.spec);

export const stackStore = (database: Queryable): StackStore => ({
  async find(name) {
    const [row] = await database.select().from(stacks).where(eq(stacks.name, name));
    return row ?? null;
  },

  findMany: async (names) =>
    names.length === 0 ? [] : database.select().from(stacks).where(inArray(stacks.name, names)),

  async ensure({ name, kind, team, now }) {
    await database
      .insert(stacks)
      .values({ name, kind, team, status: "pending", createdAt: now, updatedAt: now })
      .onConflictDoNothing();
  },

  async change(name, change) {
    await database.update(stacks).set(change).where(eq(stacks.name, name));
  },

  list: (kind, limit, after) =>
    database
      .select()
      .from(stacks)
      .where(and(eq(stacks.kind, kind), after === null ? undefined : gt(stacks.name, after)))
      .orderBy(asc(stacks.name))
      .limit(limit),

  async othersClaiming(stack, match) {
    const applied = await database
      .select({ stack: stacks.name, spec: stacks.spec })
      .from(stacks)
      .where(and(holding, ne(stacks.name, stack), condition(sql`${stacks.spec}`, match)));
    const wanted = await database
      .select({ stack: operations.stack, spec: operations.spec })
      .from(operations)
      .where(
        and(
          ne(operations.stack, stack),
          inArray(operations.status, [...unfinishedStatuses]),
          or(eq(operations.kind, "up"), and(eq(operations.kind, "preview"), eq(operations.action, "up"))),
          condition(sql`${operations.spec}`, match),
        ),
      );
    return [...applied, ...wanted].flatMap(({ stack: name, spec }) => (spec === null ? [] : [{ stack: name, spec }]));
  },

  async applied(match) {
    const rows = await database
      .select({ stack: stacks.name, spec: stacks.spec })
      .from(stacks)
      .where(and(eq(stacks.kind, "environment"), holding, condition(sql`${stacks.spec}`, match)))
      .orderBy(asc(stacks.name));
    return rows.flatMap(({ stack, spec }) => (spec === null ? [] : [{ stack, spec }]));
  },

  listApplied: (limit, after) =>
    database
      .select()
      .from(stacks)
      .where(and(eq(stacks.kind, "environment"), holding, after === null ? undefined : gt(stacks.name, after)))
      .orderBy(asc(stacks.name))
      .limit(limit),

  otherFoundations: (account, except) =>
    database
      .select()
      .from(stacks)
      .where(
        and(
          eq(stacks.kind, "foundation"),
          ne(stacks.name, except),
          sql`starts_with(${stacks.name}, ${`foundation/${account}/`})`,
          holds(),
        ),
      ),

  environmentsAt: (account, region) =>
    database
      .select()
      .from(stacks)
      .where(and(eq(stacks.kind, "environment"), targets(account, region), holds())),

  async markOutdated(account, region, now) {
    await database
      .update(stacks)
      .set({ outdated: true, updatedAt: now })
      .where(and(eq(stacks.kind, "environment"), holding, targets(account, region)));
  },
});

/** A stack that has something in the account, or is about to: applied, half applied, or being changed. */
const holds = (): SQL =>
  sql`(${stacks.spec} is not null or jsonb_array_length(${stacks.resources}) > 0 or ${stacks.status} in ('changing', 'destroying'))`;

/** By the last arguments too: a first up that failed halfway has no spec yet, but has resources there. */
const targets = (account: string, region: string): SQL =>
  any([
    contains(sql`${stacks.spec} -> 'targets'`, [{ account, region }]),
    contains(sql`${stacks.arguments} -> 'targets'`, [{ access: { account, region } }]),
  ]);
