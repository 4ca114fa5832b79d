/** Use cases that remember what they were asked and answer from plain values. */
import { DomainError } from "../../../service/domain/errors.ts";
import type { Environment, Foundation, Operation } from "../../../service/domain/operation.ts";
import type { UseCases } from "../../../service/usecases/usecases.ts";

export const operationId = "019aa000-0000-7000-8000-000000000001";
export const upId = "019aa000-0000-7000-8000-000000000002";

export const operation = (changes: Partial<Operation> = {}): Operation => ({
  id: operationId,
  kind: "preview",
  stack: "environment/production",
  status: "queued",
  requestedBy: "admin",
  onBehalfOf: null,
  refresh: false,
  createdAt: "2026-11-20T10:00:00.000Z",
  startedAt: null,
  finishedAt: null,
  attempt: 0,
  engine: "sandbox",
  cloud: "simulated",
  waitingFor: null,
  progress: null,
  spec: {},
  digest: null,
  changes: null,
  steps: [],
  access: null,
  verification: null,
  warnings: [],
  diagnostics: [],
  cost: null,
  approval: null,
  previewOf: "up",
  continues: null,
  continuedBy: null,
  recovers: null,
  pending: [],
  outputs: {},
  problem: null,
  ...changes,
});

const stack = {
  revision: 3,
  status: "active" as const,
  spec: null,
  outputs: {},
  lastOperation: null,
  pendingOperation: null,
  drift: null,
  createdAt: "2026-11-20T10:00:00.000Z",
  updatedAt: "2026-11-20T10:00:00.000Z",
};
export const environment: Environment = { name: "production", team: "default", outdated: false, ...stack };
export const foundation: Foundation = { account: "111122223333", region: "ap-southeast-1", ...stack };

export interface FakeUseCases extends UseCases {
  /** Names of the calls with their arguments, in order. */
  asked: [keyof UseCases, ...unknown[]][];
  /** What the next calls reject with; null: nothing. */
  fails: { with: Error | null };
  /** What `waitFor` answers. */
  waited: { operation: Operation; done: boolean };
}

export function fakeUseCases(): FakeUseCases {
  const asked: FakeUseCases["asked"] = [];
  const fails: FakeUseCases["fails"] = { with: null };
  const answer =
    <Value>(name: keyof UseCases, value: Value) =>
    (...given: unknown[]): Promise<Value> => {
      asked.push([name, ...given]);
      return fails.with === null ? Promise.resolve(value) : Promise.reject(fails.with);
    };
  const fake: FakeUseCases = {
    asked,
    fails,
    waited: { operation: operation({ status: "succeeded" }), done: true },
    submitEnvironment: answer("submitEnvironment", operation()),
    submitFoundation: answer("submitFoundation", operation()),
    destroyEnvironment: answer("destroyEnvironment", operation()),
    destroyFoundation: answer("destroyFoundation", operation()),
    apply: answer("apply", operation({ id: upId, kind: "up" })),
    cancel: answer("cancel", operation()),
    recover: answer("recover", operation({ kind: "refresh" })),
    checkDrift: answer("checkDrift", operation({ kind: "drift_check", refresh: true })),
    refresh: answer("refresh", operation({ kind: "refresh", refresh: true })),
    getOperation: answer("getOperation", operation()),
    listOperations: answer("listOperations", { items: [operation()], nextCursor: null }),
    getEnvironment: answer("getEnvironment", environment),
    listEnvironments: answer("listEnvironments", { items: [environment], nextCursor: "bmV4dA" }),
    getFoundation: answer("getFoundation", foundation),
    listFoundations: answer("listFoundations", { items: [foundation], nextCursor: null }),
    readAccessMatrix: answer("readAccessMatrix", { rows: [], extraStatements: [], nextCursor: null }),
    checkAccess: answer("checkAccess", {
      known: false,
      decision: "implicit_deny",
      because: [],
      undecided: false,
      problems: [],
      warnings: [],
    }),
    listNodes: answer("listNodes", { items: [], nextCursor: null }),
    verifyEnvironment: answer("verifyEnvironment", operation({ kind: "verification", previewOf: null })),
    readEvents: answer("readEvents", { events: [], over: false }),
    followEvents: async function* (...given) {
      asked.push(["followEvents", ...given]);
      yield await Promise.resolve({ events: [], over: true });
    },
    waitFor: (given, options) => {
      asked.push(["waitFor", given, options]);
      return Promise.resolve(fake.waited);
    },
  };
  return fake;
}

export const notFound = new DomainError("not_found", "There is no environment nowhere.");
