/** The composition root: the one place that knows every adapter. Starts the service, and stops it. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { v7 as uuidv7 } from "uuid";
import { connectAdapters, type ConnectAdapters } from "./adapters.ts";
import { ensureAdminKey, type AdminKey } from "./admin-key.ts";
import type { Config } from "./config.ts";
import { makeDataDirectory, takeDataDirectory } from "./db/data-directory.ts";
import { openDatabase, type Database } from "./db/database.ts";
import { migrateDatabase } from "./db/migrate.ts";
import { listenForOperations } from "./db/notifications.ts";
import { withUnhurriedPool } from "./db/pool.ts";
import { createHttpApplication } from "./http/application.ts";
import { createAuthenticate } from "./http/authentication.ts";
import { listen } from "./http/listen.ts";
import { metricsRoute } from "./http/metrics-route.ts";
import type { Logger } from "./logger.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { workFigures } from "./metrics/work-figures.ts";
import { startWorkers } from "./queue/workers.ts";
import { createReadiness } from "./readiness.ts";
import { createStopper } from "./stopper.ts";
import { apiKeyStore } from "./store/api-keys.ts";
import { createStore } from "./store/store.ts";
import { createChangeFeed } from "./usecases/change-feed.ts";
import { createUseCases } from "./usecases/create.ts";
import type { Dependencies } from "./usecases/dependencies.ts";
import { createExecute } from "./usecases/executing/execute.ts";
import { startHousekeeping } from "./usecases/executing/housekeeping.ts";
import { claimNext } from "./usecases/executing/lease.ts";
import { systemTimers } from "./usecases/timers.ts";

export interface RunningApplication {
  /** Where the API listens, or a worker alone for those who watch it; null where nothing does. */
  url: string | null;
  adminKey: AdminKey;
  /** The database, for people. */
  database: string;
  /**
   * Takes no more calls and work, waits for running operations (at most the configured time), and lets everything go.
   * Called again, it is the same stop.
   */
  close: () => Promise<void>;
}

interface Overrides {
  logger: Logger;
  /** Engine and reader; by default what the configuration names. */
  connectAdapters?: ConnectAdapters;
  now?: () => Date;
}

/** An API key: 32 random bytes, and a prefix by which people and secret scanners know it. */
const newKey = (): string => `gh_${randomBytes(32).toString("base64url")}`;

/** Connections beside those that operations hold while they run. */
const connectionsForCalls = 8;

/** Rows that housekeeping removes in one transaction at most. */
const housekeepingBatch = 1_000;

/** From telling a run to stop to ending it, where it took too long or is not ours any more. */
const stopGraceSeconds = 10;

/**
 * Starts the service. May be called several times in one process, each with a data directory or database of its own.
 *
 * @throws DatabaseStartError, MigrationError, ListenError: their message is a sentence for the person who starts it.
 */
export async function startApplication(config: Config, overrides: Overrides): Promise<RunningApplication> {
  const { logger, now = () => new Date() } = overrides;
  const stopper = createStopper(logger);
  try {
    return await start(config, { ...overrides, now }, stopper);
  } catch (error) {
    await stopper.stop();
    throw error;
  }
}

/** What belongs to one service only is locked; where the database is shared, the directory just holds the key. */
function prepareDataDirectory(config: Config, stopper: ReturnType<typeof createStopper>): string {
  if (config.databaseUrl !== null) return makeDataDirectory(config.dataDirectory);
  const directory = takeDataDirectory(config.dataDirectory);
  stopper.later("data directory", () => {
    directory.release();
    return Promise.resolve();
  });
  return directory.path;
}

async function start(
  config: Config,
  { logger, now, connectAdapters: connect = connectAdapters }: Overrides & { now: () => Date },
  stopper: ReturnType<typeof createStopper>,
): Promise<RunningApplication> {
  const dataDirectory = prepareDataDirectory(config, stopper);
  const database: Database = await openDatabase(
    { databaseUrl: config.databaseUrl, dataDirectory, connections: config.workers * 2 + connectionsForCalls },
    logger,
  );
  stopper.later("database", database.close);
  const { outages } = database;

  const applied = await withUnhurriedPool(database.url, (pool) => migrateDatabase(pool));
  if (applied.length > 0) logger.info({ migrations: applied }, "the database was brought up to date");

  const feed = createChangeFeed();
  const notifications = await listenForOperations({
    url: database.url,
    onOperation: feed.changed,
    onGap: feed.anythingMayHaveChanged,
    logger,
  });
  stopper.later("notifications", notifications.close);

  const { engine, reader, accessReader, cloud } = await connect({ config, database, logger, now });
  stopper.later("cloud", () => Promise.resolve(cloud?.close()));
  stopper.later("engine", () => engine.close());

  const metrics = createMetrics({
    work: () => workFigures(database, now, logger),
    pool: database.pool,
    engine: () => engine.statistics(),
  });

  const keys = apiKeyStore(database.queries);
  const adminKey = await ensureAdminKey({
    store: keys,
    dataDirectory,
    given: config.adminKey,
    newKey,
    newId: uuidv7,
    now,
  });

  const dependencies: Dependencies = {
    store: createStore(database.queries),
    engine,
    reader,
    accessReader,
    feed,
    now,
    random: Math.random,
    newId: uuidv7,
    logger,
    metrics: metrics.operations,
    settings: { cloud: config.cloud, targetRole: config.targetRole, policiesPerRole: config.policiesPerRole },
    isUnavailable: outages.noticed,
    timers: systemTimers,
    lease: {
      worker: `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`,
      seconds: config.leaseSeconds,
      places: config.workers,
    },
    limits: {
      operationSeconds: config.operationSeconds,
      silenceSeconds: config.silenceSeconds,
      graceSeconds: stopGraceSeconds,
    },
  };

  // Before the workers, so that it stops after them: while they drain, callers are told so and the process can be watched.
  const port = config.roles.api ? config.port : config.workerPort;
  let url: string | null = null;
  if (port !== null) {
    const http = createHttpApplication({
      useCases: createUseCases(dependencies),
      authenticate: createAuthenticate((keyHash) => keys.findByHash(keyHash)),
      readiness: createReadiness({
        database,
        engine,
        cloud: config.cloud,
        ...(cloud === undefined ? {} : { cloudReady: cloud.ready }),
      }),
      stopping: stopper.stopping,
      isUnavailable: outages.noticed,
      metrics: metrics.http,
      newRequestId: uuidv7,
      clock: () => performance.now(),
      logger,
      // A worker alone is watched, and answers nothing else.
      ...(config.roles.api ? {} : { routes: [metricsRoute] }),
    });
    const listening = await listen(http, config.host, port);
    url = listening.url;
    stopper.later("http", listening.close);
  }

  if (config.roles.worker) {
    const workers = startWorkers({
      claim: () => claimNext(dependencies),
      execute: createExecute(dependencies),
      hint: (signal) => feed.next("queue", signal),
      concurrency: config.workers,
      pollMilliseconds: 1_000,
      logger,
      isKnown: outages.noticed,
    });
    // Before the engine that it runs on.
    stopper.later("workers", () => workers.stop(config.drainSeconds));
    const housekeeping = startHousekeeping(dependencies, {
      retentionDays: config.retentionDays,
      batch: housekeepingBatch,
    });
    stopper.later("housekeeping", housekeeping.stop);
  }

  return { adminKey, database: database.description, url, close: stopper.stop };
}
