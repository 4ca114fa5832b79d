/** docs/names-in-aws.md against the programs. */
import { readdir, readFile } from "node:fs/promises";

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

const page = await read("docs/names-in-aws.md");
const [, environment = "", foundation = ""] = page.split(/^## /m);

/** Resource classes that a program's files make. */
const madeIn = async (folder: string): Promise<string[]> => {
  const files = await readdir(new URL(`../../stacks/${folder}/`, import.meta.url));
  const sources = await Promise.all(files.map((file) => read(`stacks/${folder}/${file}`)));
  const made = sources.flatMap((source) => [...source.matchAll(/new (aws\.\w+\.\w+)\(/g)].map(([, name = ""]) => name));
  return [...new Set(made)].sort();
};
const toldIn = (section: string): string[] =>
  [...new Set([...section.matchAll(/`(aws\.\w+\.\w+)`/g)].map(([, name = ""]) => name))].sort();

describe("docs/names-in-aws.md", () => {
  it.each([
    ["environment", environment],
    ["foundation", foundation],
  ])("says of each resource of the %s program what its name meets, and of no other", async (folder, section) => {
    const made = await madeIn(folder);
    expect(made.length).toBeGreaterThan(10);
    expect(toldIn(section)).toEqual(made);
  });
});
