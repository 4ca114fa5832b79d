import { spawnSync } from "node:child_process";
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import { listCalls, listResources } from "../../../service/cloud/simulated/out-of-band.ts";
import { simulatedProvider } from "../../../service/cloud/simulated/simulated-provider.ts";
import type { SimulatedAccount } from "../../../service/cloud/simulated/simulated-account.ts";
import { createTestAccount, target } from "./account.ts";
import type { TestAccount } from "./account.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const logGroup = "aws:cloudwatch/logGroup:LogGroup";
const throttled = { code: "ThrottlingException", message: "Rate exceeded" };
const make = (name: string, provider = test.provider) => provider.create(logGroup, name, { name }, target);

class Crash extends Error {}

/** A provider whose waits and crashes are seen and survived. */
const watched = () => {
  const waits: number[] = [];
  const account: SimulatedAccount = {
    ...test.account,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    crash: () => {
      throw new Crash("the process would be gone");
    },
  };
  return { provider: simulatedProvider(account), waits };
};

it("fails so many writes of a kind, and lets the next ones through", async () => {
  await injectFault(test.account.pool, {
    typePattern: "aws:cloudwatch/%",
    verb: "create",
    remaining: 2,
    error: throttled,
  });
  for (const name of ["a", "b"]) await expect(make(name)).rejects.toMatchObject(throttled);
  await make("c");
  expect(await listCalls(test.account)).toEqual([{ type: logGroup, id: "c", verb: "create" }]);
});

it("hits only the verb, type and name that it is for", async () => {
  await injectFault(test.account.pool, { namePattern: "b%", error: throttled });
  await injectFault(test.account.pool, { verb: "delete", error: { code: "ConflictException", message: "Busy" } });
  await make("a");
  await expect(make("b")).rejects.toMatchObject(throttled);
  await expect(test.provider.delete(logGroup, "a", target)).rejects.toMatchObject({ code: "ConflictException" });
  await test.provider.delete(logGroup, "a", target);
});

it("is used up once, however many writes run at the same time", async () => {
  await injectFault(test.account.pool, { remaining: 3, error: throttled });
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => make(`group-${at}`)));
  expect(results.filter(({ status }) => status === "rejected")).toHaveLength(3);
});

it("delays a write that then happens, without holding up others", async () => {
  const { provider, waits } = watched();
  await injectFault(test.account.pool, { latencyMilliseconds: 60_000 });
  await make("slow", provider);
  expect(waits).toEqual([60_000]);
  expect(await listCalls(test.account)).toHaveLength(1);
});

it("ends the process before the write, with nothing made", async () => {
  const { provider } = watched();
  await injectFault(test.account.pool, { crash: "before" });
  await expect(make("a", provider)).rejects.toThrow(Crash);
  expect(await listResources(test.account)).toEqual([]);
});

it("ends the process after the write: made, and nobody told", async () => {
  const { provider } = watched();
  await injectFault(test.account.pool, { crash: "after" });
  await expect(make("a", provider)).rejects.toThrow(Crash);
  expect((await listResources(test.account)).map(({ id }) => id)).toEqual(["a"]);
});

it("ends a real process as a kill does", () => {
  const module = new URL("../../../service/cloud/simulated/faults.ts", import.meta.url).href;
  const script = `const { crash } = await import(${JSON.stringify(module)}); crash({}); console.log("still here");`;
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(child).toMatchObject({ signal: "SIGKILL", stdout: "" });
});
