import { readFile } from "node:fs/promises";
import { accessWarningCodes } from "../../../service/domain/access.ts";
import { warningCodes } from "../../../service/domain/operation.ts";

const page = await readFile(new URL("../../../docs/warnings.md", import.meta.url), "utf8");
const sections = page.split(/^### /m).slice(1);
const told = sections.map((section) => /^`(\w+)`/.exec(section)?.[1]);

describe("docs/warnings.md", () => {
  it("has a section for every code that an operation or an answer about access can carry, and for no other", () => {
    expect(told.toSorted()).toEqual([...warningCodes, ...accessWarningCodes].toSorted());
  });

  it.each(sections.map((section) => [section.split("\n")[0], section]))(
    "says of %s when it comes, what it means and what to do",
    (_code, section) => {
      for (const part of ["**When:**", "**What it means:**", "**What to do:**"]) expect(section).toContain(part);
    },
  );
});
