/** What an applied operation leaves in our own rows: the stack, its people, and what it let go of. */
import { canonical } from "../digest.ts";
import { afterRefresh, afterUp, type StackDrift } from "../../domain/drift.ts";
import { stackKind } from "../../domain/stacks.ts";
import type { RunResult, StackResource } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import { userResourceName } from "../../../stacks/names.ts";
import type { Dependencies } from "../dependencies.ts";
import { peopleToMake } from "../resolving/people-to-make.ts";
import { factsOf } from "../resolving/foundation-facts.ts";
import { typeTokens } from "../../domain/type-tokens.ts";

type Now = Pick<Dependencies, "now">;

/**
 * The document applied becomes the stack's spec; a destroyed stack keeps its name and revision only. That rises there too:
 * a request made against what was destroyed is not one against the empty place.
 */
export const recordSuccess = async (
  { now }: Now,
  tables: Tables,
  before: StackRow,
  operation: OperationRow,
  result: RunResult,
): Promise<void> => {
  const destroyed = operation.kind === "destroy";
  const revision = before.revision + 1;
  const after: Partial<StackRow> = destroyed
    ? {
        status: "destroyed",
        spec: null,
        arguments: null,
        outputs: {},
        resources: result.resources,
        revision,
        drift: null,
      }
    : {
        status: "active",
        spec: operation.spec,
        arguments: operation.arguments,
        outputs: result.outputs,
        resources: result.resources,
        team: operation.team,
        revision,
        outdated: false,
        drift: afterUp(before.drift, operation.refresh ? { operation: operation.id, at: now() } : null),
      };
  await tables.stacks.change(before.name, { ...after, updatedAt: now() });
  await recordResources({ now }, tables, before, operation, result);
  if (stackKind(before.name) === "foundation" && !destroyed) {
    const facts = factsOf({ ...before, ...after });
    const [, account = "", region = ""] = before.name.split("/");
    if (canonical(facts) !== canonical(factsOf(before))) await tables.stacks.markOutdated(account, region, now());
  }
};

/** What was applied stays recorded; where nothing was, the stack is as it was. */
export const recordFailure = async (
  { now }: Now,
  tables: Tables,
  before: StackRow,
  operation: OperationRow,
  result: RunResult,
  applying: boolean,
): Promise<void> => {
  // Otherwise nobody would hear of it again: the next look compares with the state.
  const drift =
    operation.refresh && (applying || result.driftKept === true || result.outcome === "needs_recovery")
      ? { drift: afterRefresh(before.drift, { operation: operation.id, at: now(), drift: result.drift }) }
      : {};
  if (!applying && result.outcome !== "needs_recovery") {
    await tables.stacks.change(before.name, {
      status: before.status === "changing" || before.status === "destroying" ? "failed" : before.status,
      arguments: before.arguments,
      ...drift,
      updatedAt: now(),
    });
    await recordPeople(tables, before, operation, before.resources);
    return;
  }
  await tables.stacks.change(before.name, {
    status: result.outcome === "needs_recovery" ? "needs_recovery" : "failed",
    resources: result.resources,
    ...drift,
    updatedAt: now(),
  });
  await recordResources({ now }, tables, before, operation, result);
};

/** What a refresh found: the stack holds what is there, and people who are gone are nobody's any more. */
export const recordRefresh = async (
  { now }: Now,
  tables: Tables,
  stack: StackRow,
  { resources }: RunResult,
  drift: StackDrift,
): Promise<void> => {
  await tables.stacks.change(stack.name, { resources, drift, updatedAt: now() });
  if (stackKind(stack.name) === "foundation") return;
  const held = usersOf(resources);
  const owned = await tables.people.ownedBy(stack.name);
  await tables.people.forget(owned.filter((userName) => !held.has(userResourceName(userName))));
};

/** What a recovery found: the stack as it is, and nothing wanted. */
export const recordRecovery = async (
  { now }: Now,
  tables: Tables,
  {
    stack,
    broken,
    result,
    status,
  }: { stack: StackRow; broken: OperationRow; result: RunResult; status: StackRow["status"] },
): Promise<void> => {
  const after: Partial<StackRow> =
    status === "destroyed"
      ? { spec: null, arguments: null, outputs: {}, revision: stack.revision + (stack.spec === null ? 0 : 1) }
      : status === "active"
        ? { arguments: broken.stackBefore?.arguments ?? null }
        : {};
  await tables.stacks.change(stack.name, { ...after, status, resources: result.resources, updatedAt: now() });
  await recordResources({ now }, tables, stack, broken, result);
};

const recordResources = async (
  { now }: Now,
  tables: Tables,
  before: StackRow,
  operation: OperationRow,
  { resources, drift }: RunResult,
): Promise<void> => {
  const held = new Set(resources.map(identity));
  // Nothing is left of what was gone before anything was applied.
  const gone = new Set(drift.filter(({ op }) => op === "delete").map(({ urn }) => urn));
  const left = before.resources.filter(
    (resource) => resource.retainOnDelete && !held.has(identity(resource)) && !gone.has(resource.urn),
  );
  await tables.retained.add(
    left.map((resource) => ({ ...place(resource), stack: before.name })),
    now(),
  );
  await tables.retained.remove(resources.filter(({ retainOnDelete }) => retainOnDelete).map(place));
  await recordPeople(tables, before, operation, resources);
};

const identity = ({ type, id, account }: StackResource): string => `${account ?? ""} ${type} ${id}`;
const place = ({ account, region, type, id }: StackResource) => ({
  account: account ?? "",
  region: region ?? "",
  type,
  id,
});

/** Who the stack owns now, whom it let go and who stayed, and who is gone or was never made. */
const recordPeople = async (
  tables: Tables,
  before: StackRow,
  operation: OperationRow,
  resources: StackResource[],
): Promise<void> => {
  if (stackKind(before.name) === "foundation") return;
  const held = usersOf(resources);
  const earlier = usersOf(before.resources);
  const owned = await tables.people.ownedBy(before.name);
  const gone = [...new Set([...owned, ...peopleToMake(operation)])].filter(
    (userName) => !held.has(userResourceName(userName)),
  );
  const stays = (userName: string): boolean => earlier.get(userResourceName(userName))?.retainOnDelete === true;
  await tables.people.release(gone.filter((userName) => owned.includes(userName) && stays(userName)));
  await tables.people.forget(gone.filter((userName) => owned.includes(userName) && !stays(userName)));
};

const usersOf = (resources: StackResource[]): Map<string, StackResource> =>
  new Map(resources.filter(({ type }) => type === typeTokens.user).map((resource) => [resource.name, resource]));
