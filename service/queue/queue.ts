/**
 * The queue: which operation runs next, on which worker. One job per operation, and never two of one stack at a time. The
 * operation's row is the truth; a job only wakes a worker, so what a job's handler could not finish is decided by the row.
 *
 * pg-boss keeps the jobs in the same database (https://timgit.github.io/pg-boss/). Its policy `key_strict_fifo` runs the jobs
 * of a key in their order and one at a time; keys run side by side. A job that failed for good would block its key for
 * ever, so it goes to a dead letter queue whose worker gives the operation up and takes the job away.
 */
import { sql } from "drizzle-orm";
import { fromDrizzle, PgBoss, type DrizzleTransactionLike } from "pg-boss";

/** What a job names. */
export interface QueueJob {
  operationId: string;
  /** Name of the stack, such as `environment/production`: the key that jobs wait for each other by. */
  stack: string;
}

export interface QueueHandlers {
  /**
   * Runs one operation. Whatever comes of the operation itself is no error here: a rejection means that the handler could
   * not do its work (the database was away), and the job comes again. The signal aborts when the queue stops waiting for it.
   */
  run: (job: QueueJob, signal: AbortSignal) => Promise<void>;
  /** The job came back too often, or its workers died each time: the operation has to end, so that its stack can go on. */
  giveUp: (job: QueueJob) => Promise<void>;
}

export interface QueueLogger {
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
}

export interface QueueOptions {
  /** Connection string; pg-boss has a pool of its own, and a connection that listens. */
  url: string;
  logger: QueueLogger;
  /** Takes an error that says that the database is away, which is then told once by whoever takes it. Default: none is. */
  isOutage?: (error: unknown) => boolean;
  /** How often a job comes again when its handler threw or its worker died. Default 3. */
  retryLimit?: number;
  /** Seconds before the first retry; they double from there. Default 1. */
  retryDelaySeconds?: number;
}

export interface Queue {
  /** Makes the queue's tables where they are missing. Not safe at once in two processes: run it under the migrations' lock. */
  start: () => Promise<void>;
  /**
   * Puts a job into the queue in the transaction that stores its operation, so that both exist or none. The same operation
   * twice is one job.
   */
  enqueue: (transaction: DrizzleTransactionLike, job: QueueJob) => Promise<void>;
  /** Begins to take jobs, `concurrency` at once. */
  work: (handlers: QueueHandlers, concurrency: number) => Promise<void>;
  /**
   * Takes no more jobs, and waits for those that run, at most `drainSeconds`. What runs still then goes back into the queue,
   * with its signal aborted.
   */
  stop: (drainSeconds: number) => Promise<void>;
}

const schema = "gatehouse_queue";
const queueName = "operations";
const deadQueueName = "operations-given-up";
/** Looked for once, so that pg-boss knows the queue before it is asked inside a transaction. */
const noJob = "00000000-0000-0000-0000-000000000000";

/** Measured with pg-boss 12.35: the job of a killed worker runs again after about 10 s with these, after 57 s with the defaults. */
const deadWorkerSettings = { superviseIntervalSeconds: 2, monitorIntervalSeconds: 2 };
const heartbeatSeconds = 10;
/** Longest wait for a connection, in milliseconds. */
const connectionLimitMilliseconds = 3_000;
/** Nothing else ends a handler that goes on beating: operations have limits of their own. */
const longestRunSeconds = 12 * 3600;
/** Wake-ups come by NOTIFY; looking every second is for those that got lost. */
const polling = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 };

/** Settles when the work does or after the limit, whichever is first; says whether the work was done. */
async function withinSeconds(work: Promise<unknown>, seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens the queue of a database. Nothing happens before `start`. */
export function createQueue(options: QueueOptions): Queue {
  const { logger, isOutage = () => false, retryLimit = 3, retryDelaySeconds = 1 } = options;
  const boss = new PgBoss({
    connectionString: options.url,
    application_name: "gatehouse-queue",
    max: 6,
    schema,
    schedule: false,
    useListenNotify: true,
    connectionTimeoutMillis: connectionLimitMilliseconds,
    ...deadWorkerSettings,
  });
  // Each of its parts meets an outage again and again, and goes on by itself afterwards.
  boss.on("error", (error) => {
    if (!isOutage(error)) logger.error({ error }, "the queue met an error and goes on");
  });
  boss.on("warning", (warning) => logger.warn({ warning: warning.message }, "the queue warns"));

  return {
    start: async () => {
      await boss.start();
      await boss.createQueue(deadQueueName, { policy: "standard", retryLimit: 10, retryDelay: 5, retryBackoff: true });
      await boss.createQueue(queueName, { policy: "key_strict_fifo", deadLetter: deadQueueName, notify: true });
      await boss.findJobs(queueName, { id: noJob });
    },

    enqueue: async (transaction, job) => {
      await boss.send(queueName, job, {
        db: fromDrizzle(transaction, sql),
        id: job.operationId,
        singletonKey: job.stack,
        heartbeatSeconds,
        expireInSeconds: longestRunSeconds,
        retryLimit,
        retryDelay: retryDelaySeconds,
        retryBackoff: true,
      });
    },

    work: async (handlers, concurrency) => {
      const workOne = async (): Promise<void> => {
        const worker: { id: string | null } = { id: null };
        worker.id = await boss.work<QueueJob>(queueName, polling, async ([job]) => {
          if (job === undefined) return;
          try {
            await handlers.run(job.data, job.signal);
          } catch (error) {
            logger.error(
              { error, operationId: job.data.operationId },
              "an operation's handler failed and will be called again",
            );
            throw error;
          } finally {
            // Otherwise the worker rests a second before it looks for the next job, which this one held back.
            if (worker.id !== null) boss.notifyWorker(worker.id);
          }
        });
      };
      for (let index = 0; index < concurrency; index += 1) await workOne();
      await boss.work<QueueJob>(deadQueueName, { pollingIntervalSeconds: 1 }, async ([job]) => {
        if (job === undefined) return;
        await handlers.giveUp(job.data);
        await boss.deleteJob(queueName, job.data.operationId);
      });
    },

    stop: async (drainSeconds) => {
      const drained = await withinSeconds(
        Promise.all([boss.offWork(queueName, { wait: true }), boss.offWork(deadQueueName, { wait: true })]),
        drainSeconds,
      );
      if (!drained) logger.warn({ drainSeconds }, "operations still run: they go back into the queue");
      await boss.stop({ graceful: false });
    },
  };
}
