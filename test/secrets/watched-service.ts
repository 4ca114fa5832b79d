/** The real service as a process, and everything that it says to anybody. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Operation } from "../../service/domain/operation.ts";
import { startService, signalTo } from "../chaos/service-process.ts";

export interface WatchedService {
  /** Calls the API as admin and waits for the work; gives the body. */
  call<Answer = Operation>(
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Asks for everything that the API tells of what happened. */
  readEverything(): Promise<void>;
  /** What the API said so far, whole: headers and bodies. */
  answers(): string[];
  /** What the service wrote to its output. */
  log(): Promise<string>;
  /** Where its temporary files go, and nobody else's. */
  temporaryDirectory: string;
  dataDirectory: string;
  /** Stops it in good order. */
  stop(): Promise<void>;
}

interface Place {
  /** Nothing else is in it. */
  directory: string;
  adminKey: string;
  environment: Record<string, string>;
}

/** Everything that answers a GET and knows what happened, without a parameter. */
const pages = [
  ...["/v1/operations?limit=200", "/v1/environments", "/v1/foundations", "/v1/access-matrix"],
  ...["/metrics", "/healthz", "/readyz", "/openapi.json"],
];

/** Starts it with a data directory and a folder for temporary files of its own. */
export async function startWatchedService({ directory, adminKey, environment }: Place): Promise<WatchedService> {
  const temporaryDirectory = join(directory, "temporary");
  const dataDirectory = join(directory, "data");
  const logFile = join(directory, "service.log");
  await mkdir(temporaryDirectory, { mode: 0o700 });
  const service = startService(
    {
      PORT: "0",
      LOG_LEVEL: "trace",
      TMPDIR: temporaryDirectory,
      GATEHOUSE_DATA_DIR: dataDirectory,
      GATEHOUSE_ADMIN_KEY: adminKey,
      GATEHOUSE_WORKERS: "1",
      GATEHOUSE_DRAIN_SECONDS: "5",
      ...environment,
    },
    logFile,
  );
  const url = await service.ready;
  const answers: string[] = [];
  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url ?? ""}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        "content-type": "application/json",
        prefer: "wait=60",
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    answers.push(`${method} ${path} ${response.status} ${JSON.stringify([...response.headers])} ${text}`);
    return text;
  };
  const call = async <Answer>(...given: Parameters<typeof ask>): Promise<Answer> =>
    JSON.parse(await ask(...given)) as Answer;
  return {
    call,
    answers: () => answers,
    log: () => readFile(logFile, "utf8"),
    temporaryDirectory,
    dataDirectory,
    readEverything: async () => {
      for (const page of pages) await ask("GET", page);
      const { items } = await call<{ items: Operation[] }>("GET", "/v1/operations?limit=200");
      for (const { id } of items) {
        await ask("GET", `/v1/operations/${id}`);
        // A finished operation replays its events, and ends.
        await ask("GET", `/v1/operations/${id}/events`);
      }
      const { items: environments } = await call<{ items: { name: string }[] }>("GET", "/v1/environments");
      for (const { name } of environments) await ask("GET", `/v1/environments/${name}`);
    },
    stop: async () => {
      signalTo(service.pid, "SIGTERM");
      await service.gone;
    },
  };
}
