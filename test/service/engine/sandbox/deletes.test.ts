/** Deletes at the end of a run: dependents first, and what does not depend on each other side by side, as the CLI has it. */
import { setImmediate as turn } from "node:timers/promises";
import type { ResourceProvider } from "../../../../service/cloud/provider.ts";
import { noProperties } from "../../../../service/engine/pulumi/properties.ts";
import { createDeployment } from "../../../../service/engine/sandbox/deployment.ts";
import { planningExecutor } from "../../../../service/engine/sandbox/executor.ts";
import { createRunRecord } from "../../../../service/engine/sandbox/run-record.ts";
import { createStackView } from "../../../../service/engine/sandbox/stack-view.ts";
import type { ResourceState } from "../../../../service/engine/sandbox/state.ts";

const scope = { account: "111122223333", region: "us-east-1" };
const unused = (): never => {
  throw new Error("not a part of this test");
};
const provider: ResourceProvider = {
  ...{ check: unused, diff: unused, findCreated: unused, create: unused },
  ...{ read: unused, update: unused, delete: unused, invoke: unused },
};

const topic = (sequence: number, name: string, dependencies: string[] = []): ResourceState => ({
  sequence,
  urn: name,
  type: "aws:sns/topic:Topic",
  custom: true,
  id: name,
  inputs: noProperties(),
  outputs: noProperties(),
  ...{ parent: null, provider: null, dependencies, propertyDependencies: {} },
  ...{ protect: false, retainOnDelete: false, scope, pendingDelete: false, importId: null },
});

/** A destroy whose deletes end when they are told to. */
const destroy = (resources: ResourceState[]) => {
  const running = new Map<string, { end: () => void; fail: (error: Error) => void }>();
  const record = createRunRecord(() => undefined, { learn: () => undefined, redact: (message) => message });
  const deployment = createDeployment({
    ...{ stack: "test", project: "gatehouse", provider, record, home: scope },
    redactor: { learn: () => undefined, redact: (message) => message },
    view: createStackView({ resources, outputs: noProperties(), pending: [] }),
    plan: new Map(resources.map(({ urn }) => [urn, ["delete"] as const])),
    executor: {
      ...planningExecutor(),
      remove: ({ urn }) => new Promise((end, fail) => running.set(urn, { end, fail })),
    },
  });
  const finished = deployment.finish();
  const under = async (): Promise<string[]> => {
    await turn();
    return [...running.keys()].sort();
  };
  const take = (urn: string) => {
    const found = running.get(urn);
    running.delete(urn);
    return found;
  };
  return {
    record,
    finished,
    under,
    end: (urn: string) => take(urn)?.end(),
    fail: (urn: string) => take(urn)?.fail(new Error("refused")),
  };
};

const stack = () => [topic(1, "base"), topic(2, "left", ["base"]), topic(3, "right", ["base"]), topic(4, "alone")];

it("deletes side by side, and each as soon as what stands on it is gone", async () => {
  const { record, finished, under, end } = destroy(stack());
  expect(await under()).toEqual(["alone", "left", "right"]);
  end("left");
  expect(await under()).toEqual(["alone", "right"]);
  end("right");
  expect(await under()).toEqual(["alone", "base"]);
  end("base");
  end("alone");
  await finished;
  expect(record.done.map(({ urn }) => urn)).toEqual(["left", "right", "base", "alone"]);
});

it("lets those that run end after a failure, and starts none", async () => {
  const { record, finished, under, end, fail } = destroy(stack());
  await under();
  fail("left");
  expect(await under()).toEqual(["alone", "right"]);
  end("right");
  end("alone");
  await finished;
  expect(await under()).toEqual([]);
  expect(record.done.map(({ urn }) => urn)).toEqual(["right", "alone"]);
  expect(record.problem()).toMatchObject({ urn: "left", detail: expect.stringContaining("refused") as string });
});

it("deletes two of one URN one after the other: a pending operation is noted by URN", async () => {
  const old = { ...topic(1, "twice"), pendingDelete: true };
  const { finished, under, end } = destroy([old, topic(2, "twice")]);
  expect(await under()).toEqual(["twice"]);
  end("twice");
  expect(await under()).toEqual(["twice"]);
  end("twice");
  await finished;
});
