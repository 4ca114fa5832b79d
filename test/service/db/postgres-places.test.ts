import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canReach, reachableDirectory, reachablePrograms } from "../../../service/db/postgres-places.ts";

/** Whoever runs the tests: the owner of what they make, who may shut himself out by its mode. */
const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** Only root reaches what its PostgreSQL's user cannot; anybody else would be shut out of his own test. */
const asRoot = user.uid === 0 ? it : it.skip;

describe("places for PostgreSQL", () => {
  let directory: string;
  let closed: string;
  let base: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-places-"));
    closed = join(directory, "closed");
    base = join(directory, "base");
    await mkdir(join(closed, "bin"), { recursive: true });
    await writeFile(join(closed, "bin", "postgres"), "a program");
    await writeFile(join(closed, "bin", "initdb"), "another");
  });
  afterEach(async () => {
    await chmod(closed, 0o700);
    await rm(directory, { recursive: true });
  });

  it("are where they were asked for while every directory above can be entered", () => {
    expect(canReach(user, join(directory, "new", "postgres"))).toBe(true);
    expect(reachableDirectory(user, join(directory, "postgres"), base)).toBe(join(directory, "postgres"));
    const programs = { postgres: join(closed, "bin", "postgres"), initdb: join(closed, "bin", "initdb") };
    expect(reachablePrograms(user, programs, base)).toEqual(programs);
  });

  it("are anywhere for the process's own user", () => {
    expect(reachableDirectory({}, "/nowhere/postgres", base)).toBe("/nowhere/postgres");
  });

  asRoot(
    "are elsewhere for the files of a directory that cannot be entered, and the same at the next start",
    async () => {
      const wanted = join(closed, "data", "postgres");
      await mkdir(join(closed, "data"));
      await chmod(closed, 0o200);
      expect(canReach(user, wanted)).toBe(false);
      const given = reachableDirectory(user, wanted, base);
      expect(given).toMatch(new RegExp(`^${base}/data-.{6}/postgres$`));
      expect(reachableDirectory(user, wanted, base)).toBe(given);
      expect(await readFile(`${wanted}.elsewhere`, "utf8")).toBe(`${given}\n`);
    },
  );

  asRoot("are elsewhere for programs that cannot be reached, copied once", async () => {
    await chmod(closed, 0o200);
    const programs = { postgres: join(closed, "bin", "postgres"), initdb: join(closed, "bin", "initdb") };
    const copied = reachablePrograms(user, programs, base);
    expect(await readFile(copied.postgres, "utf8")).toBe("a program");
    expect(await readFile(copied.initdb, "utf8")).toBe("another");
    expect(reachablePrograms(user, programs, base)).toEqual(copied);
  });
});
