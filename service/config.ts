/** Configuration: environment variables in, one typed object out, or every mistake at once. */
import { availableParallelism, totalmem } from "node:os";
import type { z } from "zod";
import { about, environmentSchema, settingsOfTests, settingsOfTheCommandLine } from "./settings.ts";

export interface Config {
  host: string;
  /** 0: a free one. */
  port: number;
  dataDirectory: string;
  /** `null`: embedded, in the data directory. */
  databaseUrl: string | null;
  engine: "sandbox" | "automation";
  cloud: "simulated" | "aws";
  /** Of the automation engine. */
  pulumi: {
    /** `null`: files in the data directory. */
    backendUrl: string | null;
    secretsProvider: string;
    /** `null`: made at the first start. */
    passphrase: string | null;
  };
  roles: { api: boolean; worker: boolean };
  /** Where a worker without API is watched; `null`: nowhere. 0: a free one. */
  workerPort: number | null;
  requiredApprovals: number;
  /** `null`: made at the first start. */
  adminKey: string | null;
  /** `null`: found through the credentials. */
  identityCenter: { account: string; region: string } | null;
  targetRole: string | null;
  /** Region of the process, as AWS's own tools take it; `null`: none is set. */
  awsRegion: string | null;
  /** Managed policies that IAM lets the node role of an account have; 0: not checked. */
  policiesPerRole: number;
  /** File of nodes and sessions for the simulated account; `null`: none. */
  simulatedInventory: string | null;
  /** Operations that run at once. */
  workers: number;
  drainSeconds: number;
  retentionDays: number;
  leaseSeconds: number;
  operationSeconds: number;
  silenceSeconds: number;
  logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** What was set and has no meaning: sentences for the log. */
  warnings: string[];
}

/** The environment cannot be used. The message has a line for each mistake: variable, what was given, what is allowed. */
export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.name = "ConfigError";
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
type Settings = z.output<typeof environmentSchema>;

function mistakeOf(name: string, schema: z.ZodType, given: string | undefined): string {
  const { allowed = "something else", secret } = about.get(schema) ?? {};
  const shown = secret === true ? "cannot be used as given (it is not shown here)" : `is ${JSON.stringify(given)}`;
  return `${name} ${shown}: it must be ${allowed}.`;
}

/** What is right by itself and does not go together. */
const combinations: readonly { wrong: (given: Settings) => boolean; mistake: string }[] = [
  {
    wrong: ({ GATEHOUSE_ENGINE, GATEHOUSE_CLOUD }) => GATEHOUSE_ENGINE === "sandbox" && GATEHOUSE_CLOUD === "aws",
    mistake:
      "GATEHOUSE_CLOUD is aws and GATEHOUSE_ENGINE is sandbox: the sandbox only works on the simulated account. Set GATEHOUSE_ENGINE to automation, or leave GATEHOUSE_CLOUD unset.",
  },
  {
    wrong: ({ GATEHOUSE_ENGINE, DATABASE_URL, PULUMI_BACKEND_URL }) =>
      GATEHOUSE_ENGINE === "automation" && DATABASE_URL !== undefined && PULUMI_BACKEND_URL === undefined,
    mistake:
      "DATABASE_URL is set and PULUMI_BACKEND_URL is not: several services may share the database, and state in files of one data directory would be another for each. Set PULUMI_BACKEND_URL to a backend that all of them reach.",
  },
  {
    wrong: ({ GATEHOUSE_ENGINE, DATABASE_URL, GATEHOUSE_SECRETS_PROVIDER, PULUMI_CONFIG_PASSPHRASE }) =>
      GATEHOUSE_ENGINE === "automation" &&
      DATABASE_URL !== undefined &&
      GATEHOUSE_SECRETS_PROVIDER === "passphrase" &&
      PULUMI_CONFIG_PASSPHRASE === undefined,
    mistake:
      "DATABASE_URL is set and PULUMI_CONFIG_PASSPHRASE is not: all services that share the database need the same one. Set it, or another GATEHOUSE_SECRETS_PROVIDER.",
  },
  {
    wrong: ({ GATEHOUSE_ENGINE, GATEHOUSE_SECRETS_PROVIDER, PULUMI_BACKEND_URL = "file:" }) =>
      GATEHOUSE_ENGINE === "automation" &&
      GATEHOUSE_SECRETS_PROVIDER === "default" &&
      !/^https?:/.test(PULUMI_BACKEND_URL),
    mistake:
      "GATEHOUSE_SECRETS_PROVIDER is default, which is Pulumi Cloud's own, and PULUMI_BACKEND_URL names no Pulumi Cloud: set it to https://…, or take passphrase or a key service.",
  },
  {
    wrong: ({ GATEHOUSE_IDENTITY_CENTER_ACCOUNT, GATEHOUSE_IDENTITY_CENTER_REGION }) =>
      (GATEHOUSE_IDENTITY_CENTER_ACCOUNT === undefined) !== (GATEHOUSE_IDENTITY_CENTER_REGION === undefined),
    mistake:
      "GATEHOUSE_IDENTITY_CENTER_ACCOUNT and GATEHOUSE_IDENTITY_CENTER_REGION go together: set both, or neither and they are found.",
  },
  {
    wrong: ({ GATEHOUSE_ROLES, DATABASE_URL }) =>
      DATABASE_URL === undefined && !(GATEHOUSE_ROLES.api && GATEHOUSE_ROLES.worker),
    mistake:
      "GATEHOUSE_ROLES names one role and DATABASE_URL is unset: processes apart need a database to share. Set DATABASE_URL, or GATEHOUSE_ROLES to api,worker.",
  },
];

/** A runner child takes 140 to 215 MB while it runs; the rest of the machine's memory is for others. */
const megabytesPerWorker = 256;

/** Operations at once: they are bound by processors, and by half of the memory. */
export const defaultWorkers = ({ cores, megabytes }: { cores: number; megabytes: number }): number =>
  Math.max(1, Math.min(64, cores, Math.floor(megabytes / 2 / megabytesPerWorker)));

/** A run waits for AWS most of its time, so a core bears some; starting one takes a core for two seconds. */
const workersPerCore = 8;

/** Says so where more operations are wanted at once than the machine bears; null where it bears them. */
export const strainOf = (workers: number, { cores, megabytes }: { cores: number; megabytes: number }): string | null =>
  workers <= cores * workersPerCore && workers * megabytesPerWorker <= megabytes
    ? null
    : `GATEHOUSE_WORKERS is ${workers}, for ${cores} ${cores === 1 ? "core" : "cores"} and ${Math.round(megabytes)} MB: each takes up to ${megabytesPerWorker} MB, and so many at once keep the API from answering. Leave it out for what the machine bears.`;

/** The machine's memory, or the container's where it is limited. */
const availableMegabytes = (): number => {
  const limit = process.constrainedMemory();
  return (limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 2 ** 20;
};

function unknownNames(environment: Environment): string[] {
  const known = new Set([...Object.keys(environmentSchema.shape), ...settingsOfTheCommandLine, ...settingsOfTests]);
  return Object.keys(environment).filter((name) => name.startsWith("GATEHOUSE_") && !known.has(name));
}

/** Pulumi's own variables, of which a run is told what it needs; the access token is a credential, the home is looked at for plugins. */
function unheededByPulumi(environment: Environment): string[] {
  const heeded = new Set([...Object.keys(environmentSchema.shape), "PULUMI_ACCESS_TOKEN", "PULUMI_HOME"]);
  return Object.keys(environment).filter((name) => name.startsWith("PULUMI_") && !heeded.has(name));
}

/**
 * Reads the environment. Variables that are set to nothing count as unset.
 *
 * @throws ConfigError with every mistake; values of secrets are not in it.
 */
export function readConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const wrong = new Set(result.error.issues.map((issue) => String(issue.path[0])));
    const mistakes = Object.entries(environmentSchema.shape)
      .filter(([name]) => wrong.has(name))
      .map(([name, schema]) => mistakeOf(name, schema, given[name]));
    throw new ConfigError(mistakes);
  }
  const read = result.data;
  const mistakes = combinations.filter(({ wrong }) => wrong(read)).map(({ mistake }) => mistake);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const machine = { cores: availableParallelism(), megabytes: availableMegabytes() };
  const workers = read.GATEHOUSE_WORKERS ?? defaultWorkers(machine);
  const strain = read.GATEHOUSE_ROLES.worker ? strainOf(workers, machine) : null;
  const { GATEHOUSE_IDENTITY_CENTER_ACCOUNT: account, GATEHOUSE_IDENTITY_CENTER_REGION: identityCenterRegion } = read;
  return {
    host: read.HOST,
    port: read.PORT,
    dataDirectory: read.GATEHOUSE_DATA_DIR,
    databaseUrl: read.DATABASE_URL ?? null,
    engine: read.GATEHOUSE_ENGINE,
    cloud: read.GATEHOUSE_CLOUD,
    pulumi: {
      backendUrl: read.PULUMI_BACKEND_URL ?? null,
      secretsProvider: read.GATEHOUSE_SECRETS_PROVIDER,
      passphrase: read.PULUMI_CONFIG_PASSPHRASE ?? null,
    },
    roles: read.GATEHOUSE_ROLES,
    workerPort: read.GATEHOUSE_WORKER_PORT ?? null,
    requiredApprovals: read.GATEHOUSE_REQUIRED_APPROVALS,
    adminKey: read.GATEHOUSE_ADMIN_KEY ?? null,
    identityCenter:
      account === undefined || identityCenterRegion === undefined ? null : { account, region: identityCenterRegion },
    targetRole: read.GATEHOUSE_TARGET_ROLE ?? null,
    awsRegion: read.AWS_REGION ?? null,
    policiesPerRole: read.GATEHOUSE_POLICIES_PER_ROLE,
    simulatedInventory: read.GATEHOUSE_SIMULATED_INVENTORY ?? null,
    workers,
    drainSeconds: read.GATEHOUSE_DRAIN_SECONDS,
    retentionDays: read.GATEHOUSE_RETENTION_DAYS,
    leaseSeconds: read.GATEHOUSE_LEASE_SECONDS,
    operationSeconds: read.GATEHOUSE_OPERATION_SECONDS,
    silenceSeconds: read.GATEHOUSE_SILENCE_SECONDS,
    logLevel: read.LOG_LEVEL,
    warnings: [
      ...(strain === null ? [] : [strain]),
      ...unknownNames(given).map(
        (name) => `${name} is set, and nothing reads it: is it spelled as in docs/configuration.md?`,
      ),
      ...(read.GATEHOUSE_ENGINE === "automation" ? unheededByPulumi(given) : []).map(
        (name) => `${name} is set, and not handed on to Pulumi: docs/configuration.md has what can be set of it.`,
      ),
    ],
  };
}
