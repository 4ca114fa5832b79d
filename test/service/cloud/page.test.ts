/** docs/simulated-account.md says what the tables say. */
import { readFile } from "node:fs/promises";
import { functionTokens } from "../../../service/cloud/simulated/functions.ts";
import { resourceTypes } from "../../../service/cloud/simulated/types/all-types.ts";

const page = await readFile(new URL("../../../docs/simulated-account.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| `aws:"));

it("has a row for every type and for nothing else", () => {
  const tokens = rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1]);
  expect(tokens.sort()).toEqual([...resourceTypes.keys()].sort());
});

describe.each([...resourceTypes.values()])("$token", (type) => {
  const row = rows.find((line) => line.includes(`\`${type.token}\``)) ?? "";
  const [, replaced = "", computed = "", source = ""] = row.split(" | ");

  it("lists what replaces it", () => {
    const own = Object.entries(type.properties).flatMap(([name, { replaces }]) =>
      replaces === undefined ? [] : [name],
    );
    const expected = type.scope === "global" ? own : [...own, "region"];
    const listed = [...replaced.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual(expected.sort());
  });

  it("lists what AWS computes, and where that is written", () => {
    for (const name of Object.keys(type.computed)) expect(computed).toContain(`\`${name}\``);
    expect(source).toContain(type.source);
  });
});

it.each(functionTokens)("names the function %s", (token) => {
  expect(page).toContain(`\`${token}\``);
});
