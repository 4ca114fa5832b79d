/** The service as a process of its own, with a client that keeps its connections: what is measured is not the client. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePrivateDirectory } from "../service/db/postgres-server.ts";
import type { Operation } from "../service/domain/operation.ts";
import { signalTo, startService } from "../test/chaos/service-process.ts";

export interface Answer {
  status: number;
  body: string;
}

export interface BenchService {
  pid: number;
  url: string;
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Posts a request and waits until it has succeeded. */
  succeed(path: string, body: object): Promise<Operation>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

const key = "gh_bench-admin-key-of-more-than-thirty-two-characters";

/** A directory for data, which is gone again after `work`. */
export async function withDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-bench-")));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
    await rm(`${directory}.log`, { force: true });
  }
}

/** Starts `service/main.ts` on a data directory, and waits until it listens. */
export async function startBenchService(
  directory: string,
  environment: Record<string, string> = {},
): Promise<BenchService> {
  const settings = { PORT: "0", GATEHOUSE_ADMIN_KEY: key, GATEHOUSE_DATA_DIR: directory, LOG_LEVEL: "warn" };
  // Histories are multiplied within one account, beyond what a node role of AWS could carry.
  const unbounded = { GATEHOUSE_REQUIRED_APPROVALS: "0", GATEHOUSE_POLICIES_PER_ROLE: "0" };
  const service = startService({ ...settings, ...unbounded, ...environment }, `${directory}.log`);
  const url = (await service.ready) ?? "";
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });

  const call: BenchService["call"] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? null : JSON.stringify(body);
      const sent = httpRequest(
        `${url}${path}`,
        {
          method,
          agent,
          headers: {
            authorization: `Bearer ${key}`,
            ...(text === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
            ...headers,
          },
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
          answer.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(text ?? undefined);
    });

  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    agent.destroy();
    signalTo(service.pid, signal);
    await service.gone;
  };
  return {
    pid: service.pid,
    url,
    call,
    succeed: async (path, body) => {
      const { body: text } = await call("POST", path, body, { prefer: "wait=60" });
      const operation = JSON.parse(text) as Operation;
      if (operation.status !== "succeeded") throw new Error(`${path} did not succeed: ${text}`);
      return operation;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

export const target = { account: "111122223333", region: "ap-southeast-1" };

/** The environment of the AWS guide, under any name. */
export const environmentOf = (name: string) => ({
  name,
  tag: { key: "project", value: name },
  targets: [target],
  group: {
    members: [{ userName: `user-${name}`, email: `user-${name}@example.com`, givenName: "Test", familyName: "User" }],
  },
});
