import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { takeDataDirectory } from "../../../service/db/data-directory.ts";
import { startEmbeddedDatabase, type EmbeddedDatabase } from "../../../service/db/embedded.ts";

const script = fileURLToPath(new URL("./start-embedded.ts", import.meta.url));

/** Another service on a data directory: a process that can be killed. */
async function startElsewhere(dataDirectory: string): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn("node", [script, dataDirectory], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, pid: (JSON.parse(line) as { pid: number }).pid };
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe("the embedded database", () => {
  let parent: string;
  let dataDirectory: string;
  const running: EmbeddedDatabase[] = [];
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "gatehouse-embedded-"));
    // As root the server is another user, who must get past the parent.
    await chmod(parent, 0o755);
    dataDirectory = join(parent, "data");
  });
  afterEach(async () => {
    for (const database of running.splice(0)) await database.server.stop();
    await rm(parent, { recursive: true, force: true });
  });
  const start = async (): Promise<EmbeddedDatabase> => {
    const database = await startEmbeddedDatabase(dataDirectory);
    running.push(database);
    return database;
  };

  it("keeps what was written over a stop, in a directory that is closed to others, without a port", async () => {
    const directory = takeDataDirectory(dataDirectory);
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 1 AS id");
    await first.server.stop();
    running.pop();
    const second = await start();
    expect(await query(second.url, "SELECT id FROM kept")).toEqual([{ id: 1 }]);
    expect(await query(second.url, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
    expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700);
    directory.release();
  });

  it("is taken up again when the service that started it was killed", async () => {
    const { child, pid } = await startElsewhere(dataDirectory);
    child.kill("SIGKILL");
    await once(child, "exit");
    const directory = takeDataDirectory(dataDirectory);
    const database = await start();
    expect(database.server).toMatchObject({ takenUp: true, pid });
    expect(await query(database.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    directory.release();
  });

  it("is refused to a second service, in another process and in the same", async () => {
    const { child } = await startElsewhere(dataDirectory);
    expect(() => takeDataDirectory(dataDirectory)).toThrow(
      `Another Gatehouse (process ${child.pid ?? 0}) works on ${dataDirectory}`,
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    const directory = takeDataDirectory(dataDirectory);
    expect(() => takeDataDirectory(dataDirectory)).toThrow(/Another Gatehouse/);
    await start();
    directory.release();
  });

  it("works below a path that is too long for a socket", async () => {
    dataDirectory = join(parent, "d".repeat(120));
    await mkdir(dataDirectory);
    const directory = takeDataDirectory(dataDirectory);
    const database = await start();
    expect(await query(database.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    directory.release();
  });
});
