import { createHash } from "node:crypto";
import {
  countChanges,
  nothingDone,
  type Engine,
  type EngineEvent,
  type ProgramRun,
  type RecoverRun,
  type RefreshRun,
  type Run,
  type RunResult,
  type StackResource,
  type Step,
} from "../../service/engine/engine.ts";
import { environmentArguments, foundationArguments } from "../../stacks/arguments.ts";
import { archiveKeyAlias, sessionKeyAlias, sessionLogGroupName, userResourceName } from "../../stacks/names.ts";
import { keyIn, type KnownAccount } from "./known-account.ts";

/** An engine that does what it is told, keeps what it was asked, and lets the known account see what it made. */
export interface ScriptedEngine extends Engine {
  readonly runs: ProgramRun[];
  readonly recoveries: RecoverRun[];
  readonly refreshes: RefreshRun[];
  /** Previews whose up was said not to come, or to have ended. */
  readonly letGoOf: string[];
  /** Changes the result of the next run of this kind. */
  nextResult(kind: Run["kind"], change: (result: RunResult) => RunResult): void;
  /** Makes the next run of this kind reject. */
  breakNext(kind: Run["kind"]): void;
  /** Events that the next run of this kind tells of in addition, before all others. */
  emitNext(kind: Run["kind"], events: EngineEvent[]): void;
}

interface Made {
  type: string;
  name: string;
  id: string;
  retain: boolean;
  account: string;
  region: string | null;
  appear: () => void;
  vanish: () => void;
}

const environmentMakes = (json: unknown, account: KnownAccount, store: string): Made[] => {
  const { name, group, members, permissionSet, targets, identityCenter, onPremises } = environmentArguments.parse(json);
  const center = { account: identityCenter.account, region: identityCenter.region };
  const inSet = (set: Set<string>, value: string) => ({
    appear: () => void set.add(value),
    vanish: () => void set.delete(value),
  });
  return [
    ...(group.source === "external"
      ? []
      : [
          {
            type: "aws:identitystore/group:Group",
            name: "group",
            id: `${store}/${group.name}`,
            retain: false,
            ...center,
            ...inSet(account.groups, group.name),
          },
        ]),
    ...members.flatMap(({ userName, user }) =>
      user === null
        ? []
        : [
            {
              type: "aws:identitystore/user:User",
              name: userResourceName(userName),
              id: `${store}/${userName}`,
              retain: user.retain,
              ...center,
              ...inSet(account.users, userName),
            },
          ],
    ),
    {
      type: "aws:ssoadmin/permissionSet:PermissionSet",
      name: "permission-set",
      id: `${permissionSet.name},instance`,
      retain: false,
      ...center,
      ...inSet(account.permissionSets, permissionSet.name),
    },
    ...targets.flatMap(({ access }) => [
      {
        type: "aws:cloudwatch/logGroup:LogGroup",
        name: "log-group",
        id: sessionLogGroupName(name),
        retain: true,
        account: access.account,
        region: access.region,
        ...inSet(account.logGroups, keyIn(access.region, sessionLogGroupName(name))),
      },
      {
        type: "aws:kms/key:Key",
        name: "key",
        id: keyIn(access.region, sessionKeyAlias(name)),
        retain: true,
        account: access.account,
        region: access.region,
        ...inSet(account.keys, keyIn(access.region, sessionKeyAlias(name))),
      },
      {
        type: "aws:kms/alias:Alias",
        name: "key-alias",
        id: sessionKeyAlias(name),
        retain: true,
        account: access.account,
        region: access.region,
        appear: () => undefined,
        vanish: () => undefined,
      },
    ]),
    ...(onPremises === null
      ? []
      : [
          {
            type: "aws:ssm/activation:Activation",
            name: "activation",
            id: `activation-${onPremises.expirationDate}`,
            retain: false,
            account: onPremises.account,
            region: onPremises.region,
            appear: () => undefined,
            vanish: () => undefined,
          },
        ]),
  ];
};

const foundationMakes = (json: unknown, account: KnownAccount): Made[] => {
  const { access, logArchive } = foundationArguments.parse(json);
  return [
    {
      type: "aws:s3/bucket:Bucket",
      name: "archive-bucket",
      id: logArchive.bucketName,
      retain: true,
      account: access.account,
      region: access.region,
      appear: () => void account.buckets.set(logArchive.bucketName, "ours"),
      vanish: () => void account.buckets.delete(logArchive.bucketName),
    },
    {
      type: "aws:kms/key:Key",
      name: "archive-key",
      id: keyIn(access.region, archiveKeyAlias),
      retain: true,
      account: access.account,
      region: access.region,
      appear: () => void account.keys.add(keyIn(access.region, archiveKeyAlias)),
      vanish: () => void account.keys.delete(keyIn(access.region, archiveKeyAlias)),
    },
    {
      type: "aws:kms/alias:Alias",
      name: "archive-key-alias",
      id: archiveKeyAlias,
      retain: true,
      account: access.account,
      region: access.region,
      appear: () => undefined,
      vanish: () => undefined,
    },
  ];
};

const foundationOutputs = (json: unknown): RunResult["outputs"] => ({
  bucketName: foundationArguments.parse(json).logArchive.bucketName,
  archiveKeyArn: "arn:aws:kms:ap-southeast-1:111122223333:key/archive",
  logGroupName: "SessionManagerLogGroup",
  nodeRoleName: "AmazonSSMRoleForInstancesQuickSetup",
});

export const createScriptedEngine = (account: KnownAccount, identityStore: string): ScriptedEngine => {
  const held = new Map<string, Made[]>();
  const runs: ProgramRun[] = [];
  const letGoOf: string[] = [];
  const recoveries: RecoverRun[] = [];
  const refreshes: RefreshRun[] = [];
  const changes = new Map<Run["kind"], (result: RunResult) => RunResult>();
  const broken = new Set<Run["kind"]>();
  const additional = new Map<Run["kind"], EngineEvent[]>();

  const makes = (run: ProgramRun): Made[] => {
    if (run.of === "destroy") return [];
    return run.program === "foundation"
      ? foundationMakes(run.arguments, account)
      : environmentMakes(run.arguments, account, identityStore);
  };

  const plan = (before: Made[], after: Made[]): Step[] => {
    const step = (op: Step["op"], { type, name, id, retain }: Made): Step => ({
      op,
      urn: `urn:pulumi:stack::gatehouse::${type}::${name}-${id}`,
      type,
      name,
      diff: [],
      ...(op === "delete" && retain ? { retain: true as const } : {}),
    });
    const same = (one: Made, other: Made): boolean =>
      one.type === other.type && one.id === other.id && one.region === other.region;
    return [
      ...after.map((made) => step(before.some((other) => same(made, other)) ? "same" : "create", made)),
      ...before.filter((made) => !after.some((other) => same(made, other))).map((made) => step("delete", made)),
    ];
  };

  const apply = (run: ProgramRun, onEvent: (event: EngineEvent) => void, steps: Step[]): void => {
    const before = held.get(run.stack) ?? [];
    const after = makes(run);
    onEvent({ type: "apply.started" });
    for (const made of before)
      if (!made.retain && !after.some(({ type, id }) => type === made.type && id === made.id)) made.vanish();
    for (const made of after) made.appear();
    for (const step of steps) onEvent({ type: "resource.done", step });
    held.set(run.stack, after);
  };

  const resourcesOf = (stack: string): StackResource[] =>
    (held.get(stack) ?? []).map(({ type, name, id, retain, account: owner, region }) => ({
      urn: `urn:pulumi:${stack}::gatehouse::${type}::${name}-${id}`,
      type,
      name,
      id,
      account: owner,
      region,
      retainOnDelete: retain,
    }));

  /** The result, changed if a test asked for that. */
  const changed = (kind: Run["kind"], result: RunResult): RunResult => {
    const change = changes.get(kind);
    changes.delete(kind);
    return change === undefined ? result : change(result);
  };

  const lookedAt = (stack: string): RunResult => ({ ...nothingDone(), resources: resourcesOf(stack) });

  return {
    name: "sandbox",
    runs,
    letGoOf,
    recoveries,
    refreshes,
    nextResult: (kind, change) => void changes.set(kind, change),
    breakNext: (kind) => void broken.add(kind),
    emitNext: (kind, events) => void additional.set(kind, events),
    run: async (run, { onEvent, mayApply }) => {
      if (run.kind === "recover") {
        recoveries.push(run);
        return changed(run.kind, lookedAt(run.stack));
      }
      if (run.kind === "refresh" || run.kind === "drift-check") {
        refreshes.push(run);
        return changed(run.kind, lookedAt(run.stack));
      }
      runs.push(run);
      if (broken.delete(run.kind)) throw new Error("the engine is out of order");
      for (const event of additional.get(run.kind) ?? []) onEvent(event);
      additional.delete(run.kind);
      const steps = plan(held.get(run.stack) ?? [], makes(run));
      for (const step of steps) onEvent({ type: "resource.planned", step });
      const change = changes.get(run.kind);
      if (run.kind !== "preview" && change === undefined && (await mayApply?.()) !== false) apply(run, onEvent, steps);
      const result: RunResult = {
        ...lookedAt(run.stack),
        steps,
        changes: countChanges(steps),
        planDigest: `sha256:${createHash("sha256").update(JSON.stringify(steps)).digest("hex")}`,
        outputs: run.program === "foundation" && run.of === "up" ? foundationOutputs(run.arguments) : {},
      };
      return changed(run.kind, result);
    },
    statistics: () => ({ starting: 0, idle: 1, busy: 0, waiting: 0, stopping: 0 }),
    ready: () => ({ ready: true, detail: "scripted" }),
    letGo: (preview) => {
      letGoOf.push(preview);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
};
