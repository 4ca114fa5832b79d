/** The service with the AWS guide's foundation and two environments brought up from examples/, and hands behind its back. */
import { readFile } from "node:fs/promises";
import pg from "pg";
import { parse } from "yaml";
import type { SimulatedAccount } from "../../service/cloud/simulated/simulated-account.ts";
import type { Operation } from "../../service/domain/operation.ts";
import { startTestApplication, type TestApplication } from "./application.ts";

/** Where the guide's servers are, and where Identity Center lives. */
export const guidePlace = { account: "111122223333", region: "ap-southeast-1" };
export const identityCenter = { account: "444455556666", region: "us-east-1" };

export interface GuideApplication {
  application: TestApplication;
  /** The account as people in it see it. */
  account: SimulatedAccount;
  /** Calls with `Prefer: wait`, and gives the body. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Posts a request; an Error unless its up succeeds. */
  up(what: string, request: object): Promise<void>;
  close(): Promise<void>;
}

const requests = [
  ["foundation", "foundation.yaml"],
  ["environment", "production.json"],
  ["environment", "development.yaml"],
] as const;

const example = async (file: string): Promise<object> => {
  const text = await readFile(new URL(`../../examples/${file}`, import.meta.url), "utf8");
  return { ...(parse(text) as object), action: "up" };
};

export const startGuideApplication = async (): Promise<GuideApplication> => {
  const application = await startTestApplication();
  const pool = new pg.Pool({ connectionString: application.database.url, max: 2 });
  const guide: GuideApplication = {
    application,
    account: { pool, identityCenter, now: () => new Date(), newId: () => crypto.randomUUID() },
    call: async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
      const response = await application.call(method, path, body, { Prefer: "wait=60" });
      return (await response.json()) as Answer;
    },
    up: async (what, request) => {
      const operation = await guide.call<Operation>("POST", `/v1/${what}-requests`, request);
      if (operation.kind !== "up" || operation.status !== "succeeded")
        throw new Error(`the ${what} did not come up: ${JSON.stringify(operation.problem ?? operation)}`);
    },
    close: async () => {
      await pool.end();
      await application.close();
    },
  };
  for (const [what, file] of requests) await guide.up(what, await example(file));
  return guide;
};
