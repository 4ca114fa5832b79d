/** The use cases on a real database, with an engine and an account that a test can look into and steer. */
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { CloudReader } from "../../service/cloud/reader.ts";
import type { Operation } from "../../service/domain/operation.ts";
import { environmentRequest, type EnvironmentInput } from "../../service/domain/environment-document.ts";
import { foundationRequest, type FoundationInput } from "../../service/domain/foundation-document.ts";
import { createStore } from "../../service/store/store.ts";
import { createChangeFeed } from "../../service/usecases/change-feed.ts";
import { createUseCases } from "../../service/usecases/create.ts";
import type { Dependencies } from "../../service/usecases/dependencies.ts";
import { createExecute } from "../../service/usecases/executing/execute.ts";
import { claimNext } from "../../service/usecases/executing/lease.ts";
import { systemTimers } from "../../service/usecases/timers.ts";
import type { Principal, UseCases } from "../../service/usecases/usecases.ts";
import { emptyAccess } from "./idle-adapters.ts";
import { keyIn, type KnownAccount } from "./known-account.ts";
import { createScriptedEngine, type ScriptedEngine } from "./scripted-engine.ts";

export const admin: Principal = { name: "admin", role: "admin" };

export interface UseCaseWorld {
  useCases: UseCases;
  engine: ScriptedEngine;
  account: KnownAccount;
  dependencies: Dependencies;
  /** Runs everything that is queued, in order, with what it queues in turn. */
  work(): Promise<void>;
  setTime(now: string): void;
  /** Brings a hint of the database to whoever listens: nobody listens to the database itself here. */
  hear(topic: string): void;
  previewEnvironment(document: EnvironmentInput): Promise<Operation>;
  /** Submits with `action: "up"`, works, and gives the up (or the preview that failed). */
  upEnvironment(document: EnvironmentInput): Promise<Operation>;
  upFoundation(document: FoundationInput): Promise<Operation>;
  /** Previews a destroy, applies it, works, and gives the destroy. */
  destroyEnvironment(name: string): Promise<Operation>;
}

const identityStore = "d-1234567890";

const readerOf = (account: KnownAccount): CloudReader => {
  const importable = (found: boolean, importId: string) => Promise.resolve(found ? { id: importId, importId } : null);
  const inStore = (name: string) => ({ id: `${identityStore}/${name}`, importId: `${identityStore}/${name}` });
  return {
    identityCenter: () =>
      Promise.resolve({
        account: "444455556666",
        region: "us-east-1",
        instanceArn: "arn:aws:sso:::instance/ssoins-1",
        identityStoreId: identityStore,
        kind: "organization",
      }),
    callerAccount: (scope) => Promise.resolve(scope.account),
    findGroup: (name) => Promise.resolve(account.groups.has(name) ? { groupId: name, ...inStore(name) } : null),
    findUser: (name) => Promise.resolve(account.users.has(name) ? { userId: name, ...inStore(name) } : null),
    findUserByEmail: (email) => {
      const name = account.emails.get(email);
      return Promise.resolve(name === undefined ? null : { userId: name, ...inStore(name) });
    },
    findPermissionSet: (name) =>
      importable(account.permissionSets.has(name), `${name},instance`).then(
        (found) => found && { arn: name, ...found },
      ),
    findLogGroup: ({ region }, name) => importable(account.logGroups.has(keyIn(region, name)), name),
    findDocument: (_scope, name) => importable(account.documents.has(name), name),
    findKey: ({ region }, alias) =>
      importable(account.keys.has(keyIn(region, alias)), keyIn(region, alias)).then(
        (found) => found && { keyId: found.id, pendingDeletion: account.keysPendingDeletion.has(found.id), ...found },
      ),
    findBucket: ({ region }, name) => {
      const owner = account.buckets.get(name);
      return Promise.resolve(
        owner === undefined ? null : { id: name, importId: name, owned: owner === "ours", region },
      );
    },
    findTrail: (_scope, name) => Promise.resolve(account.trails.has(name) ? { arn: name } : null),
    findRole: (_scope, name) => importable(account.roles.has(name), name),
    findPolicy: (_scope, name) => importable(account.policies.has(name), name),
    findInstanceProfile: (_scope, name) => importable(account.instanceProfiles.has(name), name),
    findTopic: (_scope, name) => importable(account.topics.has(name), name),
    findEventRule: (_scope, name) => importable(account.eventRules.has(name), name),
    findQuickSetups: (_scope, name) =>
      Promise.resolve(account.quickSetups.has(name) ? [{ id: name, importId: name }] : []),
    findMembership: (group, user) => importable(account.memberships.has(`${group} ${user}`), `${group}/${user}`),
    findAssignments: (arn, group, accounts) =>
      Promise.resolve(
        new Map(
          accounts
            .filter((id) => account.assignments.has(`${arn} ${group} ${id}`))
            .map((id) => [id, { id: `${arn},${id}`, importId: `${arn},${id}` }]),
        ),
      ),
    findServiceSetting: () => Promise.resolve({ value: account.tier, customized: account.tier !== "standard" }),
  };
};

/** Ids in the order in which they are asked for. */
const countingIds = (): (() => string) => {
  let count = 0;
  return () => {
    count += 1;
    return `01980000-0000-7000-8000-${String(count).padStart(12, "0")}`;
  };
};

export const createUseCaseWorld = (pool: pg.Pool): UseCaseWorld => {
  const account: KnownAccount = {
    groups: new Set(),
    users: new Set(),
    emails: new Map(),
    permissionSets: new Set(),
    logGroups: new Set(),
    keys: new Set(),
    keysPendingDeletion: new Set(),
    documents: new Set(),
    buckets: new Map(),
    trails: new Set(),
    roles: new Set(),
    policies: new Set(),
    instanceProfiles: new Set(),
    topics: new Set(),
    eventRules: new Set(),
    quickSetups: new Set(),
    memberships: new Set(),
    assignments: new Set(),
    tier: "standard",
  };
  const engine = createScriptedEngine(account, identityStore);
  let time = new Date("2026-11-22T12:00:00Z");
  const feed = createChangeFeed();
  const dependencies: Dependencies = {
    store: createStore(drizzle(pool)),
    engine,
    reader: readerOf(account),
    accessReader: { ...emptyAccess },
    feed,
    now: () => time,
    random: () => 0.5,
    newId: countingIds(),
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: {
      started: () => undefined,
      ended: () => undefined,
      ranAgain: () => undefined,
      leaseLost: () => undefined,
    },
    settings: { cloud: "simulated", targetRole: "GatehouseTarget", policiesPerRole: 10 },
    isUnavailable: () => false,
    timers: systemTimers,
    lease: { worker: "worker-1", seconds: 30, places: 1 },
    limits: { operationSeconds: 60, silenceSeconds: 30, graceSeconds: 5 },
  };
  const useCases = createUseCases(dependencies);
  const execute = createExecute(dependencies);

  const work = async (): Promise<void> => {
    const never = new AbortController().signal;
    for (let claimed = await claimNext(dependencies); claimed !== null; claimed = await claimNext(dependencies))
      await execute(claimed, { stopping: never, drain: never, kill: never });
  };
  const ended = async (submitted: Operation): Promise<Operation> => {
    await work();
    const preview = await useCases.getOperation(submitted.id);
    return preview.continuedBy === null ? preview : useCases.getOperation(preview.continuedBy);
  };
  const environmentOf = (action: "preview" | "up", environment: EnvironmentInput) =>
    useCases.submitEnvironment(admin, environmentRequest.parse({ action, environment }));

  return {
    useCases,
    engine,
    account,
    dependencies,
    work,
    hear: feed.changed,
    setTime: (now) => {
      time = new Date(now);
    },
    previewEnvironment: async (document) => ended(await environmentOf("preview", document)),
    upEnvironment: async (document) => ended(await environmentOf("up", document)),
    upFoundation: async (foundation) =>
      ended(await useCases.submitFoundation(admin, foundationRequest.parse({ action: "up", foundation }))),
    destroyEnvironment: async (name) => {
      const preview = await ended(await useCases.destroyEnvironment(admin, name));
      return ended(await useCases.apply(admin, preview.id));
    },
  };
};
