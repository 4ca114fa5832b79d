/** The data directory: taken by one service, and a sentence where it cannot be used. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDataDirectory, takeDataDirectory } from "../../../service/db/data-directory.ts";
import { DatabaseStartError } from "../../../service/db/postgres-binaries.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "gatehouse-data-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("the data directory", () => {
  it.each(["file", "file/below"])(
    "that cannot be made (%s) is named, with the variable and what is allowed",
    async (name) => {
      await writeFile(join(directory, "file"), "");
      const path = join(directory, name);
      for (const use of [makeDataDirectory, takeDataDirectory]) {
        expect(() => use(path)).toThrow(DatabaseStartError);
        expect(() => use(path)).toThrow(
          /^The data directory .*file.* cannot be used \(.*\): GATEHOUSE_DATA_DIR must name/,
        );
      }
    },
  );

  it("is nobody's where its lock is damaged", async () => {
    await writeFile(join(directory, "service.lock"), '{"pid":');
    const taken = takeDataDirectory(directory);
    expect(() => takeDataDirectory(directory)).toThrow("Another Gatehouse");
    taken.release();
  });
});
