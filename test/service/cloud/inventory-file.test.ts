import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { editNode } from "../../../service/cloud/simulated/inventory-edits.ts";
import { InventoryError, putInventories } from "../../../service/cloud/simulated/inventory-file.ts";
import { simulatedAccessReader } from "../../../service/cloud/simulated/simulated-access-reader.ts";
import { createTestAccount, target, type TestAccount } from "./account.ts";

let test: TestAccount;
let directory: string;
beforeAll(async () => {
  test = await createTestAccount();
  directory = await mkdtemp(join(tmpdir(), "gatehouse-inventory-"));
});
afterAll(async () => {
  await test.drop();
  await rm(directory, { recursive: true });
});

const written = async (content: string): Promise<string> => {
  const path = join(directory, "inventory.json");
  await writeFile(path, content);
  return path;
};
const node = (id: string, more: object = {}) => ({ ...target, id, tags: { project: "P" }, agent: null, ...more });
const idsWith = async (value: string): Promise<string[]> =>
  (await simulatedAccessReader(test.account).nodesWithTag(target, { key: "project", value })).map(({ id }) => id);

describe("the inventory of the simulated account", () => {
  it("begins with the AWS guide's servers and sessions, once, whoever starts with it", async () => {
    await Promise.all([putInventories(test.account, null), putInventories(test.account, null)]);
    const [production] = await idsWith("Production");
    await editNode(test.account, target, production!, { tags: { project: "Elsewhere" } });
    await putInventories(test.account, null);
    expect(await idsWith("Production")).toEqual([]);
    expect(await simulatedAccessReader(test.account).sessions(target, "history")).toHaveLength(2);
  });

  it("gets what a file adds, on premises too, and what a changed file says anew", async () => {
    const path = await written(JSON.stringify({ nodes: [node("mi-0123456789abcdef0"), node("i-01234567")] }));
    await putInventories(test.account, path);
    expect(await idsWith("P")).toEqual(["i-01234567", "mi-0123456789abcdef0"]);
    await written(JSON.stringify({ nodes: [node("i-01234567", { tags: {} })] }));
    await putInventories(test.account, path);
    expect(await idsWith("P")).toEqual(["mi-0123456789abcdef0"]);
  });

  it.each<[string, unknown, string]>([
    ["an unknown field", { node: [] }, "node"],
    [
      "an account that is none",
      { nodes: [node("i-01234567", { account: "1" })] },
      "/nodes/0/account: must be an AWS account id of 12 digits",
    ],
    ["an id that is none", { nodes: [node("x-1")] }, "/nodes/0/id: must be i- or mi-"],
    [
      "an instance state of a server on premises",
      { nodes: [node("mi-01234567", { instanceState: "running" })] },
      "/nodes/0/instanceState",
    ],
    [
      "a time that is none",
      { sessions: [{ startedAt: "yesterday" }] },
      "/sessions/0/startedAt: must be a time such as",
    ],
  ])("is refused with %s, by name", async (_what, content, message) => {
    const putting = putInventories(test.account, await written(JSON.stringify(content)));
    await expect(putting).rejects.toThrow(InventoryError);
    await expect(putting).rejects.toThrow(message);
  });

  it("is refused where the file is no JSON, or not there", async () => {
    await expect(putInventories(test.account, await written("{"))).rejects.toThrow("it is no JSON");
    await expect(putInventories(test.account, join(directory, "none.json"))).rejects.toThrow("it cannot be read");
  });
});
