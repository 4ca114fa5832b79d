/** What a preview over HTTP costs, against the same preview asked of the engine directly. */
import { connectAdapters } from "../service/adapters.ts";
import { readConfig } from "../service/config.ts";
import { openDatabase } from "../service/db/database.ts";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import type { Run } from "../service/engine/engine.ts";
import { createLogger } from "../service/logger.ts";
import { operationStore } from "../service/store/operations.ts";
import { measureInTurn } from "./measure.ts";
import { environmentOf, startBenchService, target, withDirectory } from "./service.ts";
import { milliseconds, table } from "./table.ts";

export const benchPreview = (): Promise<void> =>
  withDirectory(async (directory) => {
    const embedded = await startEmbeddedDatabase(directory);
    const service = await startBenchService(directory, { DATABASE_URL: embedded.url });
    const config = readConfig({ DATABASE_URL: embedded.url, GATEHOUSE_DATA_DIR: directory, LOG_LEVEL: "error" });
    const logger = createLogger(config.logLevel);
    const database = await openDatabase({ ...config, connections: 4 }, logger);
    const { engine } = await connectAdapters({ config, database, logger, now: () => new Date() });
    try {
      const environment = { ...environmentOf("production"), onPremises: { acknowledgeCharges: true } };
      await service.succeed("/v1/foundation-requests", { action: "up", foundation: target });
      const up = await service.succeed("/v1/environment-requests", { action: "up", environment });
      const applied = await operationStore(database.queries).find(up.id);
      const run: Run = {
        operationId: up.id,
        attempt: 1,
        fence: 1,
        kind: "preview",
        of: "up",
        stack: "environment.production",
        parallelism: null,
        program: "environment",
        arguments: applied?.arguments ?? {},
        approvedPlan: null,
        refresh: false,
        appliesNext: false,
      };
      const never = new AbortController().signal;
      const { http, engine: bare } = await measureInTurn(
        {
          http: async () => {
            await service.succeed("/v1/environment-requests", { action: "preview", environment });
          },
          engine: async () => {
            const { outcome } = await engine.run(run, { onEvent: () => undefined, signal: never, kill: never });
            if (outcome !== "succeeded") throw new Error(`the engine's preview is ${outcome}`);
          },
        },
        { rounds: 60, warmUp: 10 },
      );
      const row = (name: string, { median, p95 }: typeof http) => [
        name,
        milliseconds(median),
        milliseconds(p95),
        (median / bare.median).toFixed(2),
      ];
      table(
        `A preview of ${up.steps.length} resources, warm`,
        ["", "median, ms", "p95, ms", "ratio"],
        [row("the engine's call alone", bare), row("over HTTP, `Prefer: wait`", http)],
      );
    } finally {
      await engine.close();
      await database.close();
      await service.stop();
      await embedded.server.stop();
    }
  });
