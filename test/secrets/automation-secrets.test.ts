/**
 * Secrets on the real CLI: one service does and suffers everything that can happen to it, and then nothing of what is secret is
 * found where it should not be. Secrets are canaries, values that exist nowhere else.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { injectFault } from "../../service/cloud/simulated/faults.ts";
import type { Operation } from "../../service/domain/operation.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../support/database.ts";
import { environmentInputOf, foundationInputOf } from "../support/documents.ts";
import { faultIsUsedUp } from "../support/engine.ts";
import { findTestCli } from "../support/pulumi-cli.ts";
import { pulumiPostgresUrl } from "../support/pulumi-postgres-url.ts";
import { until } from "../support/until.ts";
import { newCanary, searchFor, type Canary } from "./canaries.ts";
import { watchProcesses, type ProcessWatch } from "./process-watch.ts";
import { inFiles, inRows, openToOthers } from "./search-places.ts";
import { startWatchedService, type WatchedService } from "./watched-service.ts";

const cli = await findTestCli();

/** What the service is configured with, by the variable that names it. */
const secrets = {
  adminKey: newCanary("GATEHOUSE_ADMIN_KEY"),
  passphrase: newCanary("PULUMI_CONFIG_PASSPHRASE"),
  databasePassword: newCanary("DATABASE_URL"),
  statePassword: newCanary("PULUMI_BACKEND_URL"),
  secretAccessKey: newCanary("AWS_SECRET_ACCESS_KEY"),
  sessionToken: newCanary("AWS_SESSION_TOKEN"),
  accessToken: newCanary("PULUMI_ACCESS_TOKEN"),
  strangersKey: newCanary("a key that is not known"),
};
const configured = searchFor(Object.values(secrets));

const onPremises = { acknowledgeCharges: true, registrationLimit: 5 };
const activation = "aws:ssm/activation:Activation";
const up = (name: string, hybrid: object = onPremises) => ({
  action: "up",
  environment: {
    ...environmentInputOf({ name, tag: { key: "project", value: name }, group: { members: [] } }),
    onPremises: hybrid,
  },
});

(cli === null || process.platform !== "linux" ? describe.skip : describe)("secrets, on the real CLI", () => {
  let directory: string;
  let database: TestDatabase;
  /** Where Pulumi's state lies. */
  let state: TestDatabase;
  let service: WatchedService;
  let watch: ProcessWatch;
  let codes: Canary[];
  let everything: ReturnType<typeof searchFor>;
  let calls: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-secrets-"));
    [database, state] = await Promise.all([createTestDatabase(), createEmptyDatabase()]);
    watch = watchProcesses(configured);
    service = await startWatchedService({ directory, adminKey: secrets.adminKey.value, environment: await settings() });
    await live();
    await service.readEverything();
    codes = [...codes, ...(await activationCodes())];
    everything = searchFor([...Object.values(secrets), ...codes]);
    await service.stop();
    watch.stop();
    calls = await readFile(join(directory, "cli-calls"), "utf8");
  }, 300_000);
  afterAll(async () => {
    watch.stop();
    await service.stop();
    await database.drop();
    await state.drop();
    await rm(directory, { recursive: true, force: true });
  });

  async function settings(): Promise<Record<string, string>> {
    return {
      GATEHOUSE_ENGINE: "automation",
      PATH: [await loggingCli(), process.env["PATH"] ?? ""].join(delimiter),
      DATABASE_URL: withPassword(database, secrets.databasePassword),
      PULUMI_BACKEND_URL: pulumiPostgresUrl(withPassword(state, secrets.statePassword)),
      PULUMI_CONFIG_PASSPHRASE: secrets.passphrase.value,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey.value,
      AWS_SESSION_TOKEN: secrets.sessionToken.value,
      PULUMI_ACCESS_TOKEN: secrets.accessToken.value,
    };
  }

  const withPassword = ({ url }: TestDatabase, { value }: Canary): string => {
    const changed = new URL(url);
    changed.username ||= "postgres";
    changed.password = value;
    return changed.href;
  };

  /** A `pulumi` that notes how it was called: a watch can miss a process that is short. */
  async function loggingCli(): Promise<string> {
    const place = join(directory, "bin");
    await mkdir(place);
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >>'${directory}/cli-calls'\nexec '${cli?.path ?? ""}' "$@"\n`;
    await writeFile(join(place, "pulumi"), script);
    await chmod(join(place, "pulumi"), 0o755);
    return place;
  }

  const request = (what: string, body: object, headers?: Record<string, string>): Promise<Operation> =>
    service.call("POST", `/v1/${what}-requests`, body, headers);

  /** The up of staging, while AWS takes so long to make its activation. */
  async function waiting(latencyMilliseconds: number, registrationLimit: number): Promise<Operation> {
    const namePattern = `%${"%".repeat(latencyMilliseconds % 10)}`;
    await injectFault(database.pool, { typePattern: activation, namePattern, verb: "create", latencyMilliseconds });
    await request("environment", up("staging", { ...onPremises, registrationLimit }), { prefer: "wait=0" });
    await until(() => faultIsUsedUp(database, namePattern), 120);
    const { items } = await service.call<{ items: Operation[] }>("GET", "/v1/operations?kind=up&status=running");
    return items[0]!;
  }

  const ended = (id: string): Promise<Operation> => service.call("GET", `/v1/operations/${id}`);

  async function killCli(operation: string): Promise<void> {
    const { rows } = await database.pool.query<{ pid: number }>(
      "select pid from automation.processes where operation_id = $1 and ended_at is null",
      [operation],
    );
    for (const { pid } of rows) process.kill(pid, "SIGKILL");
  }

  /** Everything that can happen to a service, one after the other. */
  async function live(): Promise<void> {
    await service.call("GET", "/v1/environments", undefined, { authorization: `Bearer ${secrets.strangersKey.value}` });
    expect(await request("foundation", { action: "up", foundation: foundationInputOf() })).toMatchObject({
      ...{ kind: "up", status: "succeeded", problem: null },
    });
    expect(await request("environment", up("production"))).toMatchObject({ kind: "up", status: "succeeded" });

    const { secretAccessKey, sessionToken, accessToken, passphrase, databasePassword, statePassword } = secrets;
    const said = [secretAccessKey, sessionToken, accessToken, passphrase, databasePassword, statePassword]
      .map(({ value }) => value)
      .join(" or ");
    await injectFault(database.pool, {
      ...{ typePattern: activation, verb: "create" },
      error: { code: "AccessDeniedException", message: `Nobody may do that with ${said}.` },
    });
    expect(await request("environment", up("staging"))).toMatchObject({
      ...{ kind: "up", status: "failed", problem: { detail: expect.stringContaining("Nobody may do that") as string } },
    });

    const canceled = await waiting(2_001, 5);
    await service.call("POST", `/v1/operations/${canceled.id}/cancel`);
    expect(await ended(canceled.id)).toMatchObject({ status: "canceled" });

    const killed = await waiting(600_002, 6);
    await killCli(killed.id);
    expect(await ended(killed.id)).toMatchObject({ status: "needs_recovery" });
    expect(await service.call("POST", `/v1/operations/${killed.id}/recover`, { resolution: "refresh" })).toMatchObject({
      status: "succeeded",
    });

    // The CLI quotes the address of a backend that it cannot open, with the password.
    await withoutState(async () => {
      const refused = await request("environment", { ...up("staging"), action: "preview" });
      expect(refused).toMatchObject({
        status: "failed",
        problem: { detail: expect.stringContaining("unable to open bucket") as string },
      });
    });

    codes = await activationCodes();
    const preview = await service.call("DELETE", "/v1/environments/production");
    expect(preview).toMatchObject({ status: "succeeded" });
    expect(await service.call("POST", `/v1/operations/${preview.id}/apply`)).toMatchObject({
      ...{ kind: "destroy", status: "succeeded" },
    });
  }

  /** Does something while nobody reaches the state. */
  async function withoutState(work: () => Promise<void>): Promise<void> {
    const name = new URL(state.url).pathname.slice(1);
    const allow = (allowed: boolean) => database.pool.query(`alter database ${name} allow_connections ${allowed}`);
    await allow(false);
    await work();
    await allow(true);
  }

  async function activationCodes(): Promise<Canary[]> {
    const { rows } = await database.pool.query<{ code: string }>(
      "select outputs ->> 'activationCode' as code from simulated_aws.resources where type = $1",
      [activation],
    );
    return rows.map(({ code }) => ({ name: "activation code", value: code }));
  }

  it("are on no command line", () => {
    expect(watch.onCommandLines()).toEqual([]);
    expect(configured.in(calls)).toEqual([]);
    expect(calls.split("\n").length).toBeGreaterThan(8);
  });

  it("are in the environment of those who need them only", () => {
    const { adminKey, databasePassword, statePassword, passphrase, ...clouds } = secrets;
    const credentials = [clouds.secretAccessKey, clouds.sessionToken, clouds.accessToken].map(({ name }) => name);
    const { service: ofTheService, ...others } = watch.inEnvironments();
    expect(ofTheService).toEqual(expect.arrayContaining([adminKey.name, databasePassword.name]));
    // The plugin of the simulated account, and children, are told of the database over a channel; the plugin has no secret at all.
    expect(others).toMatchObject({
      runner: credentials,
      CLI: [...credentials, passphrase.name, statePassword.name].sort(),
    });
    expect(Object.keys(others)).not.toContain("plugin");
    for (const held of Object.values(others)) expect(held).not.toContain(databasePassword.name);
    for (const held of Object.values(others)) expect(held).not.toContain(adminKey.name);
  });

  it("are in no log line and no answer", async () => {
    expect(everything.placesIn(await service.log())).toEqual([]);
    expect(service.answers().flatMap(everything.placesIn)).toEqual([]);
  });

  it("are in no row of the database but the account's own", async () => {
    expect(codes.length).toBeGreaterThan(0);
    expect(await inRows(database.pool, everything, ["simulated\\_aws.%"])).toEqual([]);
    // The account knows the codes that it made, and the errors that it was told to give.
    expect(await inRows(database.pool, configured, ["simulated\\_aws.faults"])).toEqual([]);
  });

  it("are in no row of Pulumi's state but encrypted", async () => {
    expect((await state.pool.query("select from pulumi_state")).rows.length).toBeGreaterThan(5);
    expect(await inRows(state.pool, everything)).toEqual([]);
  });

  it("are in no file, and nobody else on the machine may open what the service wrote", () => {
    for (const place of ["data", "temporary"]) {
      expect(inFiles(join(directory, place), everything)).toEqual([]);
      expect(openToOthers(join(directory, place))).toEqual([]);
    }
  });
});
