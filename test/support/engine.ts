/** For tests of engines: programs as data, runs of one stack, and a look at the simulated account behind them. */
import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { SimulatedAccount } from "../../service/cloud/simulated/simulated-account.ts";
import { listCalls } from "../../service/cloud/simulated/out-of-band.ts";
import { simulatedProvider } from "../../service/cloud/simulated/simulated-provider.ts";
import type { JsonObject } from "../../service/domain/json.ts";
import type {
  Engine,
  EngineEvent,
  ProgramRun,
  RecoverRun,
  RefreshRun,
  RunResult,
} from "../../service/engine/engine.ts";
import type { TestArguments, TestResource } from "./test-programs.ts";

export const scope = { account: "111122223333", region: "us-east-1" };
export const testPrograms = { programs: new URL("./test-programs.ts", import.meta.url).href, warmUp: [] as [] };
export const topicType = "aws:sns/topic:Topic";
export const logGroupType = "aws:cloudwatch/logGroup:LogGroup";
export const roleType = "aws:iam/role:Role";
export const attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

export const topic = (name: string, inputs: Record<string, unknown> = {}, more: Partial<TestResource> = {}) => ({
  type: topicType,
  name,
  inputs: { name, ...inputs },
  outputs: ["arn"],
  ...more,
});

export const logGroup = (name: string, inputs: Record<string, unknown> = {}, more: Partial<TestResource> = {}) => ({
  type: logGroupType,
  name,
  inputs: { name, ...inputs },
  outputs: ["arn"],
  ...more,
});

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ssm.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** What a role needs at least. */
export const roleInputs = (name: string): JsonObject => ({ name, assumeRolePolicy: trust });

export const role = (name: string, inputs: Record<string, unknown> = {}, more: Partial<TestResource> = {}) => ({
  type: roleType,
  name,
  inputs: { name, assumeRolePolicy: trust, ...inputs },
  outputs: ["name", "arn"],
  ...more,
});

/** An engine with its simulated account. */
export interface EngineWorld {
  engine: Engine;
  /** The database of the simulated account, for faults and a look at what is there. */
  pool: Pool;
  /** Where Identity Center lives; that of programs of tests when left out. */
  identityCenter?: { account: string; region: string };
}

export interface Told extends RunResult {
  events: EngineEvent[];
  /** Ops of all steps but `same`, as `create topic-a`, in the order in which they were told. */
  did: string[];
}

export interface RunSettings {
  approved?: string;
  /** Whether the run of a program begins with a refresh; it does not when left out. */
  refresh?: boolean;
  /** Whether a preview's up is said to follow; it is not when left out. */
  appliesNext?: boolean;
  /** Called at each event; gets what cancels the run, and what kills it. */
  onEvent?: (event: EngineEvent, cancel: () => void, kill: () => void) => void;
  attempt?: number;
  /** The same for several runs makes them one operation. */
  operationId?: string;
  /** Left out: above all of this process. */
  fence?: number;
  /** Left out: as many at once as the engine likes. */
  parallelism?: number | null;
  /** Asked before anything is applied; left out, nothing holds the run up. */
  mayApply?: (cancel: () => void) => Promise<boolean>;
}

/** Runs of one stack. */
export interface Stack {
  name: string;
  preview(program: TestArguments, settings?: RunSettings): Promise<Told>;
  up(program: TestArguments, settings?: RunSettings): Promise<Told>;
  previewDestroy(settings?: RunSettings): Promise<Told>;
  destroy(settings?: RunSettings): Promise<Told>;
  refresh(settings?: RunSettings): Promise<Told>;
  driftCheck(settings?: RunSettings): Promise<Told>;
  recover(resolution: RecoverRun["resolution"], settings?: RunSettings): Promise<Told>;
}

/** Rises with each run of this process. */
let lastFence = 0;

export const nextFence = (): number => (lastFence += 1);

type Particulars =
  | Pick<ProgramRun, "kind" | "of" | "program" | "arguments" | "approvedPlan" | "refresh" | "appliesNext">
  | Pick<RefreshRun, "kind">
  | Pick<RecoverRun, "kind" | "resolution">;

/** What runs of any kind on one stack have in common. */
const runner =
  ({ engine }: Pick<EngineWorld, "engine">, stack: string) =>
  async (what: Particulars, settings: RunSettings = {}): Promise<Told> => {
    const { onEvent, attempt = 1, operationId = randomUUID(), fence = nextFence(), parallelism = null } = settings;
    const { mayApply } = settings;
    const events: EngineEvent[] = [];
    const [cancel, kill] = [new AbortController(), new AbortController()];
    const listen = (event: EngineEvent): void => {
      events.push(event);
      onEvent?.(
        event,
        () => cancel.abort(),
        () => kill.abort(),
      );
    };
    const result = await engine.run(
      { ...what, operationId, attempt, fence, parallelism, stack },
      {
        onEvent: listen,
        signal: cancel.signal,
        kill: kill.signal,
        ...(mayApply === undefined ? {} : { mayApply: () => mayApply(() => cancel.abort()) }),
      },
    );
    const did = result.steps.filter(({ op }) => op !== "same").map((step) => `${step.op} ${step.name}`);
    return { ...result, events, did };
  };

/** A run that is data, of any program. */
export interface DataRun {
  run: "preview" | "up" | "preview-destroy" | "destroy" | "refresh" | "drift-check";
  program?: ProgramRun["program"];
  arguments?: JsonObject;
  approvedPlan: string | null;
  refresh?: true;
}

const programRuns = {
  preview: { kind: "preview", of: "up" },
  up: { kind: "up", of: "up" },
  "preview-destroy": { kind: "preview", of: "destroy" },
  destroy: { kind: "destroy", of: "destroy" },
} as const;

/** Runs of one stack that are data. */
export function runsOf(world: Pick<EngineWorld, "engine">, name: string): { go(run: DataRun): Promise<Told> } {
  const go = runner(world, name);
  return {
    go: ({ run, program = "environment", arguments: json = { resources: [] }, approvedPlan, refresh = false }) =>
      run === "refresh" || run === "drift-check"
        ? go({ kind: run })
        : go({ ...programRuns[run], program, arguments: json, approvedPlan, refresh, appliesNext: false }),
  };
}

/** A stack of its own, or one that another engine works on too. */
export function createStack(world: Pick<EngineWorld, "engine">, name = `environment.${randomUUID()}`): Stack {
  const run = runner(world, name);
  const runProgram = (
    how: Pick<ProgramRun, "kind" | "of">,
    program: TestArguments,
    settings: RunSettings = {},
  ): Promise<Told> => {
    const { approved = null, refresh = false, appliesNext = false } = settings;
    const what = { ...how, ...programArguments(program), approvedPlan: approved, refresh, appliesNext };
    return run(what, settings);
  };

  const nothing: TestArguments = { resources: [] };
  return {
    name,
    preview: (program, settings) => runProgram(programRuns.preview, program, settings),
    up: (program, settings) => runProgram(programRuns.up, program, settings),
    previewDestroy: (settings) => runProgram(programRuns["preview-destroy"], nothing, settings),
    destroy: (settings) => runProgram(programRuns.destroy, nothing, settings),
    refresh: (settings) => run({ kind: "refresh" }, settings),
    driftCheck: (settings) => run({ kind: "drift-check" }, settings),
    recover: (resolution, settings) => run({ kind: "recover", resolution }, settings),
  };
}

/** The product has no program of its own for tests; they all go by the name of one. */
export const programArguments = (program: TestArguments): Pick<ProgramRun, "program" | "arguments"> => ({
  program: "environment",
  arguments: JSON.parse(JSON.stringify(program)) as ProgramRun["arguments"],
});

/** Whether a write came by that waits, fails or crashes by the fault of this name. */
export const faultIsUsedUp = async ({ pool }: Pick<EngineWorld, "pool">, name: string): Promise<boolean> => {
  const query = "SELECT 1 FROM simulated_aws.faults WHERE name_pattern = $1 AND remaining = 0";
  return (await pool.query(query, [name])).rows.length > 0;
};

/** Every write of the provider whose type or id has this in it, in order: `create`, `update`, `delete`. */
export const callsOf = async ({ pool }: Pick<EngineWorld, "pool">, part: string): Promise<string[]> =>
  (await listCalls({ pool })).filter(({ id, type }) => id.includes(part) || type === part).map(({ verb }) => verb);

export const accountOf = ({ pool, identityCenter = scope }: EngineWorld): SimulatedAccount => ({
  pool,
  identityCenter,
  now: () => new Date(),
  newId: () => randomUUID(),
});

/** Whether the account has it. */
export const exists = async (world: EngineWorld, type: string, id: string): Promise<boolean> =>
  (await simulatedProvider(accountOf(world)).read(type, id, scope)) !== null;

export const topicArn = (name: string): string => `arn:aws:sns:us-east-1:111122223333:${name}`;

export const attachment = (name: string, roleResource: string, more: Partial<TestResource> = {}): TestResource => ({
  type: attachmentType,
  name,
  inputs: { policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" },
  from: { role: [roleResource, "name"] },
  ...more,
});

/** A name that no other test uses: they share one account. */
export const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

export const stepOf = (told: Told, name: string) => told.steps.find((step) => step.name === name);

/** A program of tests as a run's arguments. */
export const testArguments = (program: TestArguments): JsonObject => programArguments(program).arguments;
