/** What docs/operations.md says about backups of the data directory, done. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startApplication, type RunningApplication } from "../../service/application.ts";
import { readConfig } from "../../service/config.ts";
import { createLogger } from "../../service/logger.ts";
import type { Operation } from "../../service/domain/operation.ts";
import { idleAdapters } from "../support/idle-adapters.ts";

const request = { action: "preview", foundation: { account: "111122223333", region: "ap-southeast-1" } };

describe("a copy of the data directory", () => {
  let parent: string;
  const running: RunningApplication[] = [];
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "gatehouse-backup-"));
    // As root PostgreSQL is another user, who must get past the parent.
    await chmod(parent, 0o755);
  });
  afterEach(async () => {
    for (const application of running.splice(0)) await application.close();
    await rm(parent, { recursive: true, force: true });
  });

  const start = async (name: string): Promise<RunningApplication> => {
    const config = readConfig({ PORT: "0", GATEHOUSE_DATA_DIR: join(parent, name), GATEHOUSE_WORKERS: "1" });
    const application = await startApplication(config, {
      logger: createLogger("silent"),
      connectAdapters: idleAdapters,
    });
    running.push(application);
    return application;
  };
  const stop = async (): Promise<void> => {
    await running.pop()?.close();
  };
  const call = (application: RunningApplication, key: string, path: string, headers?: Record<string, string>) =>
    fetch(`${application.url ?? ""}${path}`, {
      ...(headers === undefined ? {} : { method: "POST", body: JSON.stringify(request) }),
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...headers },
    });

  it("made while the service is stopped is the whole service: operations, keys, and what was answered", async () => {
    const original = await start("data");
    const key = original.adminKey.key ?? "";
    const headers = { "Idempotency-Key": "ticket-1", Prefer: "wait=20" };
    const response = await call(original, key, "/v1/foundation-requests", headers);
    const operation = (await response.json()) as Operation;
    expect(operation).toMatchObject({ status: "succeeded" });
    await stop();

    await promisify(execFile)("cp", ["-a", join(parent, "data"), join(parent, "copy")]);
    const copy = await start("copy");
    expect(copy.adminKey).toMatchObject({ made: false });
    expect(await (await call(copy, key, `/v1/operations/${operation.id}`)).json()).toEqual(operation);
    expect(await (await call(copy, key, "/v1/foundation-requests", headers)).json()).toEqual(operation);
    const another = await call(copy, key, "/v1/foundation-requests", { Prefer: "wait=20" });
    expect([another.status, ((await another.json()) as Operation).id]).not.toEqual([200, operation.id]);
    await stop();

    // Restored to its old place, it has what the copy has done.
    await rename(join(parent, "data"), join(parent, "before"));
    await rename(join(parent, "copy"), join(parent, "data"));
    const restored = await start("data");
    const list = (await (await call(restored, key, "/v1/operations")).json()) as { items: Operation[] };
    expect(list.items).toHaveLength(2);
  });
});
