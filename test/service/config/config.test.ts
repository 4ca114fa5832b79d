import { readFileSync } from "node:fs";
import { ConfigError, defaultWorkers, readConfig, strainOf } from "../../../service/config.ts";
import { defaultText, environmentSchema, type SettingName } from "../../../service/settings.ts";

const mistakes = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

describe("configuration", () => {
  it("needs nothing: the sandbox with a database of its own, on this machine only", () => {
    expect(readConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      dataDirectory: ".gatehouse",
      databaseUrl: null,
      engine: "sandbox",
      cloud: "simulated",
      roles: { api: true, worker: true },
      requiredApprovals: 1,
      adminKey: null,
      identityCenter: null,
      targetRole: null,
      policiesPerRole: 10,
      drainSeconds: 30,
      leaseSeconds: 30,
      operationSeconds: 3600,
      silenceSeconds: 600,
      logLevel: "info",
      warnings: [],
    });
    expect(readConfig({}).workers).toBeGreaterThanOrEqual(1);
  });

  it.each([
    [{ cores: 8, megabytes: 16_384 }, 8],
    [{ cores: 8, megabytes: 2_048 }, 4],
    [{ cores: 2, megabytes: 512 }, 1],
    [{ cores: 128, megabytes: 512_000 }, 64],
  ])("runs as many operations at once as %o bears", (machine, workers) => {
    expect(defaultWorkers(machine)).toBe(workers);
  });

  it.each([
    [16, { cores: 2, megabytes: 16_384 }, null],
    [36, { cores: 2, megabytes: 16_384 }, "GATEHOUSE_WORKERS is 36, for 2 cores and 16384 MB"],
    [5, { cores: 1, megabytes: 1_024 }, "GATEHOUSE_WORKERS is 5, for 1 core and 1024 MB"],
    [64, { cores: 64, megabytes: 128_000 }, null],
  ])("says whether %i operations at once are too many for %o", (workers, machine, said) => {
    const strain = strainOf(workers, machine);
    if (said === null) expect(strain).toBeNull();
    else expect(strain).toContain(said);
  });

  it("takes what is set; a variable set to nothing is unset", () => {
    const config = readConfig({
      PORT: "0",
      HOST: "",
      DATABASE_URL: "postgresql://gatehouse@db.example.com/gatehouse",
      GATEHOUSE_ROLES: "worker, api",
      GATEHOUSE_IDENTITY_CENTER_ACCOUNT: "111122223333",
      GATEHOUSE_IDENTITY_CENTER_REGION: "eu-central-1",
      GATEHOUSE_WORKERS: "3",
    });
    expect(config).toMatchObject({
      port: 0,
      host: "127.0.0.1",
      databaseUrl: "postgresql://gatehouse@db.example.com/gatehouse",
      roles: { api: true, worker: true },
      identityCenter: { account: "111122223333", region: "eu-central-1" },
      workers: 3,
    });
  });

  it.each([
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "1e3"],
    ["DATABASE_URL", "mysql://db"],
    ["GATEHOUSE_ENGINE", "terraform"],
    ["GATEHOUSE_CLOUD", "azure"],
    ["PULUMI_BACKEND_URL", "file://state"],
    ["PULUMI_BACKEND_URL", "file://"],
    ["PULUMI_BACKEND_URL", "state"],
    ["GATEHOUSE_ROLES", "api,cook"],
    ["GATEHOUSE_REQUIRED_APPROVALS", "6"],
    ["GATEHOUSE_REQUIRED_APPROVALS", "1.5"],
    ["GATEHOUSE_ADMIN_KEY", "too-short"],
    ["GATEHOUSE_IDENTITY_CENTER_ACCOUNT", "1234"],
    ["GATEHOUSE_IDENTITY_CENTER_REGION", "mars-north-1"],
    ["GATEHOUSE_TARGET_ROLE", "arn:aws:iam::111122223333:role/x"],
    ["GATEHOUSE_WORKERS", "0"],
    ["GATEHOUSE_DRAIN_SECONDS", "forever"],
    ["LOG_LEVEL", "loud"],
  ])("refuses %s=%s by name", (name, value) => {
    expect(mistakes({ [name]: value })).toMatch(new RegExp(`^${name} .*it must be `));
  });

  it("tells every mistake at once, and never a secret", () => {
    const message = mistakes({
      PORT: "x",
      LOG_LEVEL: "loud",
      GATEHOUSE_ADMIN_KEY: "hunter2",
      DATABASE_URL: "root:hunter2@db",
    });
    expect(message.split("\n")).toHaveLength(4);
    expect(message).toContain('PORT is "x"');
    expect(message).not.toContain("hunter2");
  });

  it.each([
    ["the sandbox on real AWS", { GATEHOUSE_CLOUD: "aws" }, "GATEHOUSE_CLOUD"],
    [
      "state in files of one of several services",
      { GATEHOUSE_ENGINE: "automation", DATABASE_URL: "postgres://db/gatehouse", PULUMI_CONFIG_PASSPHRASE: "x" },
      "PULUMI_BACKEND_URL",
    ],
    [
      "a passphrase of each of several services",
      { GATEHOUSE_ENGINE: "automation", DATABASE_URL: "postgres://db/gatehouse", PULUMI_BACKEND_URL: "s3://state" },
      "PULUMI_CONFIG_PASSPHRASE",
    ],
    [
      "the secrets provider of a Pulumi Cloud that is not there",
      { GATEHOUSE_ENGINE: "automation", GATEHOUSE_SECRETS_PROVIDER: "default" },
      "GATEHOUSE_SECRETS_PROVIDER is default",
    ],
    ["half of an Identity Center", { GATEHOUSE_IDENTITY_CENTER_ACCOUNT: "111122223333" }, "go together"],
    ["a role apart without a shared database", { GATEHOUSE_ROLES: "api" }, "DATABASE_URL"],
  ])("refuses %s", (_case, environment, message) => {
    expect(mistakes(environment as Record<string, string>)).toContain(message);
  });

  it("warns of a variable that nothing reads", () => {
    expect(readConfig({ GATEHOUSE_ENGIN: "sandbox", GATEHOUSE_TOKEN: "x", OTHER: "y" }).warnings).toEqual([
      expect.stringContaining("GATEHOUSE_ENGIN "),
    ]);
  });

  it("takes an absolute path for files of state, and Pulumi's word for the home", () => {
    for (const backendUrl of ["file:///var/state?no_tmp_dir=true", "file://~", "s3://state"])
      expect(readConfig({ PULUMI_BACKEND_URL: backendUrl }).pulumi.backendUrl).toBe(backendUrl);
  });

  it("warns of what would steer Pulumi, where the CLI is the engine", () => {
    const environment = { PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_ACCESS_TOKEN: "pul-1", PULUMI_HOME: "/home" };
    expect(readConfig({ ...environment, GATEHOUSE_ENGINE: "automation" }).warnings).toEqual([
      expect.stringContaining("PULUMI_SKIP_CHECKPOINTS "),
    ]);
    expect(readConfig(environment).warnings).toEqual([]);
  });

  it("is documented: docs/configuration.md lists each variable with its default", () => {
    const page = readFileSync("docs/configuration.md", "utf8");
    for (const name of Object.keys(environmentSchema.shape) as SettingName[]) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``));
      const shown = defaultText(name);
      expect(row?.split("|")[2]?.trim()).toBe(shown === null ? "unset" : `\`${shown}\``);
    }
  });
});
