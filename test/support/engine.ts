/** For tests of engines: programs as data, runs of one stack, and a look at the simulated account behind them. */
import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { SimulatedAccount } from "../../service/cloud/simulated/simulated-account.ts";
import { simulatedProvider } from "../../service/cloud/simulated/simulated-provider.ts";
import type { Engine, EngineEvent, ProgramRun, RunResult } from "../../service/engine/engine.ts";
import type { TestArguments, TestResource } from "./test-programs.ts";

export const scope = { account: "111122223333", region: "us-east-1" };
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
}

export interface Told extends RunResult {
  events: EngineEvent[];
  /** Ops of all steps but `same`, as `create topic-a`, in the order in which they were told. */
  did: string[];
}

export interface RunSettings {
  approved?: string;
  /** Called at each event; gets what cancels the run. */
  onEvent?: (event: EngineEvent, cancel: () => void) => void;
  attempt?: number;
}

/** Runs of one stack. */
export interface Stack {
  name: string;
  preview(program: TestArguments, settings?: RunSettings): Promise<Told>;
  up(program: TestArguments, settings?: RunSettings): Promise<Told>;
  previewDestroy(settings?: RunSettings): Promise<Told>;
  destroy(settings?: RunSettings): Promise<Told>;
}

/** Rises with each run of this process. */
let lastFence = 0;

export function createStack({ engine }: EngineWorld): Stack {
  const name = `environment.${randomUUID()}`;
  const run = async (
    how: Pick<ProgramRun, "kind" | "of">,
    program: TestArguments,
    { approved, onEvent, attempt = 1 }: RunSettings = {},
  ): Promise<Told> => {
    lastFence += 1;
    const events: EngineEvent[] = [];
    const controller = new AbortController();
    const listen = (event: EngineEvent): void => {
      events.push(event);
      onEvent?.(event, () => controller.abort());
    };
    const result = await engine.run(
      {
        ...how,
        operationId: randomUUID(),
        attempt,
        fence: lastFence,
        stack: name,
        program: "environment",
        arguments: JSON.parse(JSON.stringify(program)),
        approvedPlan: approved ?? null,
      },
      { onEvent: listen, signal: controller.signal, kill: new AbortController().signal },
    );
    const did = result.steps.filter(({ op }) => op !== "same").map((step) => `${step.op} ${step.name}`);
    return { ...result, events, did };
  };
  const nothing: TestArguments = { resources: [] };
  return {
    name,
    preview: (program, settings) => run({ kind: "preview", of: "up" }, program, settings),
    up: (program, settings) => run({ kind: "up", of: "up" }, program, settings),
    previewDestroy: (settings) => run({ kind: "preview", of: "destroy" }, nothing, settings),
    destroy: (settings) => run({ kind: "destroy", of: "destroy" }, nothing, settings),
  };
}

export const accountOf = ({ pool }: EngineWorld): SimulatedAccount => ({
  pool,
  identityCenter: scope,
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
