/**
 * `npm run bench`: what a preview over HTTP costs, against the same preview asked of the engine directly, in one run.
 * Figures are of this machine and moment; the ratio is what to look at.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { connectAdapters } from "../service/adapters.ts";
import { startApplication } from "../service/application.ts";
import { readConfig } from "../service/config.ts";
import { openDatabase } from "../service/db/database.ts";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import { makePrivateDirectory } from "../service/db/postgres-server.ts";
import type { Operation } from "../service/domain/operation.ts";
import type { Run } from "../service/engine/engine.ts";
import { createLogger } from "../service/logger.ts";
import { operationStore } from "../service/store/operations.ts";
import { measureInTurn, type Timings } from "./measure.ts";

const target = { account: "111122223333", region: "ap-southeast-1" };
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [target],
  group: {
    members: [{ userName: "testuser01", email: "testuser01@example.com", givenName: "Test", familyName: "User01" }],
  },
  onPremises: { acknowledgeCharges: true },
};

const line = (text: string): void => void stdout.write(`${text}\n`);
const milliseconds = (value: number): string => value.toFixed(1).padStart(8);
const row = (name: string, { median, p95, count }: Timings, baseline: Timings): void =>
  line(
    `${name.padEnd(34)}${milliseconds(median)}${milliseconds(p95)}${(median / baseline.median).toFixed(2).padStart(8)}${String(count).padStart(8)}`,
  );

const dataDirectory = makePrivateDirectory(join(tmpdir(), `gatehouse-bench-${process.pid}`));
const key = randomBytes(24).toString("hex");
const embedded = await startEmbeddedDatabase(dataDirectory);
const config = readConfig({
  PORT: "0",
  DATABASE_URL: embedded.url,
  GATEHOUSE_DATA_DIR: dataDirectory,
  GATEHOUSE_ADMIN_KEY: key,
  LOG_LEVEL: "error",
});
const logger = createLogger(config.logLevel);
const application = await startApplication(config, { logger });
const database = await openDatabase({ ...config, connections: 4 }, logger);
const { engine } = await connectAdapters({ config, database, logger, now: () => new Date() });
try {
  const request = async (path: string, body: object): Promise<Operation> => {
    const answer = await fetch(`${application.url ?? ""}/v1/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", prefer: "wait=60" },
      body: JSON.stringify(body),
    });
    const operation = (await answer.json()) as Operation;
    if (operation.status !== "succeeded")
      throw new Error(`not succeeded: ${JSON.stringify(operation.problem ?? operation)}`);
    return operation;
  };
  await request("foundation-requests", { action: "up", foundation: target });
  const up = await request("environment-requests", { action: "up", environment: production });
  const applied = await operationStore(database.queries).find(up.id);
  const run: Run = {
    operationId: up.id,
    attempt: 1,
    fence: 0,
    kind: "preview",
    of: "up",
    stack: "environment.production",
    program: "environment",
    arguments: applied?.arguments ?? {},
    approvedPlan: null,
  };
  const { signal } = new AbortController();
  const { signal: kill } = new AbortController();
  const timings = await measureInTurn(
    {
      http: async () => {
        await request("environment-requests", { action: "preview", environment: production });
      },
      engine: async () => {
        const { outcome } = await engine.run(run, { onEvent: () => undefined, signal, kill });
        if (outcome !== "succeeded") throw new Error(`the engine's preview is ${outcome}`);
      },
    },
    { rounds: 60, warmUp: 10 },
  );
  const { http, engine: bare } = timings;
  if (http === undefined || bare === undefined) throw new Error("nothing was measured");
  line(`Node ${process.version}, ${availableParallelism()} cores, sandbox engine, ${up.steps.length} resources, warm`);
  line("");
  line(
    `${"".padEnd(34)}${"median".padStart(8)}${"p95".padStart(8)}${"ratio".padStart(8)}${"rounds".padStart(8)}   (milliseconds)`,
  );
  row("preview, engine call alone", bare, bare);
  row("preview over HTTP, Prefer: wait", http, bare);
} finally {
  await engine.close();
  await database.close();
  await application.close();
  await embedded.server.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
