/**
 * `npm run bench:sse`: what readers of events cost the service. 200 follow one operation and 50 of them never take anything
 * from their sockets, while 10,000 events of a kilobyte come. Prints memory before, at most, and afterwards; fails when a
 * reader misses an event or memory grows beyond the limit.
 */
import { fork, type ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { startApplication } from "../service/application.ts";
import { readConfig } from "../service/config.ts";
import { openDatabase } from "../service/db/database.ts";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import { makePrivateDirectory } from "../service/db/postgres-server.ts";
import { createLogger } from "../service/logger.ts";
import { eventStore } from "../service/store/events.ts";
import type { Readers } from "./sse-readers.ts";

const reading = 150;
const silent = 50;
const batches = 100;
const batchSize = 100;
/** Growth of resident memory that is still bounded: silent readers alone were sent 400 megabytes. */
const mostMegabytes = 150;

const say = (text: string): void => void stdout.write(`${text}\n`);
const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

const dataDirectory = makePrivateDirectory(join(tmpdir(), `gatehouse-bench-sse-${process.pid}`));
const key = randomBytes(24).toString("hex");
const embedded = await startEmbeddedDatabase(dataDirectory);
const config = readConfig({
  PORT: "0",
  DATABASE_URL: embedded.url,
  GATEHOUSE_DATA_DIR: dataDirectory,
  GATEHOUSE_ADMIN_KEY: key,
  // Nobody but the bench works on its operation.
  GATEHOUSE_ROLES: "api",
  LOG_LEVEL: "error",
});
const logger = createLogger(config.logLevel);
const application = await startApplication(config, { logger });
const database = await openDatabase({ ...config, connections: 4 }, logger);

/** An operation that runs. */
async function runningOperation(): Promise<string> {
  const id = randomUUID();
  await database.pool.query(
    `INSERT INTO gatehouse.stacks (name, kind, team, status, created_at, updated_at)
       VALUES ('environment/bench', 'environment', 'default', 'changing', now(), now())`,
  );
  await database.pool.query(
    `INSERT INTO gatehouse.operations
       (id, kind, action, stack, team, status, attempt, requested_by, spec, engine, cloud, created_at, started_at)
     VALUES ($1, 'up', 'up', 'environment/bench', 'default', 'running', 1, 'bench', '{}', 'sandbox', 'simulated', now(), now())`,
    [id],
  );
  return id;
}

/** The next message of the readers. */
async function told(readers: ChildProcess): Promise<unknown> {
  const [message] = (await once(readers, "message")) as [unknown];
  return message;
}

try {
  const id = await runningOperation();
  const before = process.memoryUsage();
  let peak = before.rss;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
  const readers = fork(fileURLToPath(new URL("sse-readers.ts", import.meta.url)), [
    JSON.stringify({
      url: `${application.url ?? ""}/v1/operations/${id}/events`,
      key,
      reading,
      silent,
    } satisfies Readers),
  ]);
  await told(readers);
  const began = performance.now();
  const store = eventStore(database.queries);
  for (let batch = 0; batch < batches; batch += 1) {
    const message = randomBytes(384).toString("hex");
    const events = Array.from({ length: batchSize }, () => ({
      type: "diagnostic" as const,
      data: { urn: null, severity: "info", message },
    }));
    if (!(await store.append(id, 1, events))) throw new Error("the events were not written");
  }
  const written = performance.now();
  const counts = told(readers);
  await database.pool.query("UPDATE gatehouse.operations SET status = 'succeeded', finished_at = now() WHERE id = $1", [
    id,
  ]);
  const given = (await counts) as number[];
  const ended = performance.now();
  clearInterval(watch);
  const after = process.memoryUsage();

  const expected = batches * batchSize + 2;
  const growth = megabytes(peak - before.rss);
  say(`${reading + silent} readers of one operation, ${silent} of which never read; ${expected} events of 1 kB`);
  say(`written in             ${((written - began) / 1000).toFixed(1)} s`);
  say(
    `delivered in           ${((ended - began) / 1000).toFixed(1)} s, ${Math.round((expected * reading) / ((ended - began) / 1000))} events/s over all readers`,
  );
  say(`resident before        ${megabytes(before.rss)} MB (heap ${megabytes(before.heapUsed)})`);
  say(`resident at most       ${megabytes(peak)} MB (+${growth})`);
  say(`resident afterwards    ${megabytes(after.rss)} MB (heap ${megabytes(after.heapUsed)})`);
  const complete = given.filter((count) => count === expected).length;
  say(`readers with all events in order  ${complete} of ${reading}`);
  if (complete !== reading || growth > mostMegabytes) process.exitCode = 1;
} finally {
  await database.close();
  await application.close();
  await embedded.server.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
