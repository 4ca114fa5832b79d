import { readdir, readFile } from "node:fs/promises";
import { readActions } from "../../../../service/cloud/simulated/read-faults.ts";

const folder = new URL("../../../../service/cloud/aws/", import.meta.url);
const page = await readFile(new URL("../../../../docs/iam-for-gatehouse.md", import.meta.url), "utf8");

interface Policy {
  Statement: { Action: string | string[] }[];
}
const policies = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = ""]) => JSON.parse(json) as Policy);
const allowed = policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
const sources = await Promise.all((await readdir(folder)).map((file) => readFile(new URL(file, folder), "utf8")));
const asked = new Set(
  sources.flatMap((source) => [...source.matchAll(/action: "([\w-]+:\w+)"/g)].map(([, action]) => action)),
);

describe("docs/iam-for-gatehouse.md", () => {
  it("has three policies, each action once in its policy", () => {
    expect(policies).toHaveLength(3);
    for (const { Statement } of policies) {
      const actions = Statement.flatMap(({ Action }) => Action);
      expect(new Set(actions).size).toBe(actions.length);
    }
  });

  it("allows every action that the reader asks for; GetCallerIdentity needs no permission", () => {
    expect(asked.size).toBeGreaterThan(10);
    const needed = [...asked, ...Object.values(readActions)].filter((action) => action !== "sts:GetCallerIdentity");
    expect(needed.filter((action) => !allowed.includes(String(action)))).toEqual([]);
  });
});
