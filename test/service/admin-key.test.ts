import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { adminKeyFile, ensureAdminKey } from "../../service/admin-key.ts";
import { hashOfKey } from "../../service/http/authentication.ts";
import { apiKeyStore, type ApiKeyStore } from "../../service/store/api-keys.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

describe("the admin's key", () => {
  let database: TestDatabase;
  let store: ApiKeyStore;
  let dataDirectory: string;
  let made: number;
  beforeEach(async () => {
    database = await createTestDatabase();
    store = apiKeyStore(drizzle(database.pool));
    dataDirectory = await mkdtemp(join(tmpdir(), "gatehouse-key-"));
    made = 0;
  });
  afterEach(async () => {
    await database.drop();
    await rm(dataDirectory, { recursive: true, force: true });
  });
  const start = (given: string | null = null, directory = dataDirectory) =>
    ensureAdminKey({
      store,
      dataDirectory: directory,
      given,
      newKey: () => `gh_made-${(made += 1)}`,
      newId: () => `019aa000-0000-7000-8000-00000000000${made}`,
      now: () => new Date("2026-11-20T10:00:00Z"),
    });
  const isKnown = async (key: string): Promise<boolean> => (await store.findByHash(hashOfKey(key))) !== null;

  it("is made once, kept for its owner only, and stored as a hash", async () => {
    expect(await start()).toEqual({ key: "gh_made-1", made: true });
    expect(await start()).toEqual({ key: "gh_made-1", made: false });
    expect(await readFile(adminKeyFile(dataDirectory), "utf8")).toBe("gh_made-1\n");
    expect((await stat(adminKeyFile(dataDirectory))).mode & 0o777).toBe(0o600);
    const { rows } = await database.pool.query("SELECT * FROM gatehouse.api_keys");
    expect(rows).toEqual([expect.objectContaining({ name: "admin", role: "admin", key_hash: hashOfKey("gh_made-1") })]);
    expect(JSON.stringify(rows)).not.toContain("gh_made-1");
  });

  it("is replaced by one that is given, and the old one is no key any more", async () => {
    await start();
    expect(await start("a-key-that-somebody-chose-themselves")).toMatchObject({ made: false });
    expect(await isKnown("a-key-that-somebody-chose-themselves")).toBe(true);
    expect(await isKnown("gh_made-1")).toBe(false);
  });

  it("still works on a database that was emptied", async () => {
    await start();
    await database.pool.query("DELETE FROM gatehouse.api_keys");
    expect(await start()).toEqual({ key: "gh_made-1", made: false });
    expect(await isKnown("gh_made-1")).toBe(true);
  });

  it("is made by one of two processes that start on the same database", async () => {
    const other = await mkdtemp(join(tmpdir(), "gatehouse-key-"));
    const keys = await Promise.all([start(), start(null, other)]);
    expect(keys.filter((key) => key.made)).toHaveLength(1);
    await rm(other, { recursive: true, force: true });
  });
});
