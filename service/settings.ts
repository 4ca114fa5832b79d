/** The settings, one by one: what is allowed, the default, what each does. `config.ts` reads them, docs/configuration.md lists them. */
import { z } from "zod";
import { region } from "./domain/regions.ts";

interface AboutSetting {
  /** What is allowed, to follow "must be". */
  allowed: string;
  /** What it does, as documentation shows it. */
  meaning: string;
  /** Never repeated in a message. */
  secret?: true;
}

/** What people are told about a setting. */
export const about = z.registry<AboutSetting>();

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));

const roles = z
  .string()
  .transform((text) => text.split(",").map((role) => role.trim()))
  .pipe(z.array(z.enum(["api", "worker"])).min(1))
  .transform((names) => ({ api: names.includes("api"), worker: names.includes("worker") }));

/** The environment, by the names of its variables; values are text as given, and optional ones are unset by default. */
export const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535)
    .prefault("8080")
    .register(about, { allowed: "a port, 0 to 65535 (0 takes a free one)", meaning: "Port that the API listens on." }),
  HOST: z.string().prefault("127.0.0.1").register(about, {
    allowed: "an address or host name",
    meaning: "Address that the API listens on. `0.0.0.0` is every address of the machine: put TLS in front of it.",
  }),
  GATEHOUSE_DATA_DIR: z.string().prefault(".gatehouse").register(about, {
    allowed: "the path of a directory",
    meaning: "Directory (mode 0700) of the embedded database and the first key; made when missing.",
  }),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\/./)
    .optional()
    .register(about, {
      allowed: "a PostgreSQL connection string, postgresql://…",
      meaning: "PostgreSQL server to use. Unset: one of its own, in the data directory.",
      secret: true,
    }),
  GATEHOUSE_ENGINE: z.enum(["sandbox", "automation"]).prefault("sandbox").register(about, {
    allowed: "`sandbox` or `automation` (the Pulumi CLI; `npm run pulumi:install`)",
    meaning: "What runs the Pulumi programs.",
  }),
  PULUMI_BACKEND_URL: z
    .string()
    // Pulumi takes a relative path from where it runs, and each run has a directory of its own.
    .regex(/^(?:file:\/\/[/~]|(?!file:)[a-z][a-z0-9+]*:\/\/.)/)
    .optional()
    .register(about, {
      allowed:
        "a state backend as Pulumi names it: `file:///…` (an absolute path) or `file://~`, `s3://…`, `azblob://…`, `gs://…`, `postgres://…`, `https://…`",
      meaning:
        "Automation engine: where the stacks' state lies. Unset: `file://` in the data directory, which one service alone can use.",
      secret: true,
    }),
  GATEHOUSE_SECRETS_PROVIDER: z
    .string()
    .regex(/^(?:passphrase|default|(?:awskms|azurekeyvault|gcpkms|hashivault):\/\/.+)$/)
    .prefault("passphrase")
    .register(about, {
      allowed:
        "`passphrase`, `awskms://…`, `azurekeyvault://…`, `gcpkms://…`, `hashivault://…`, or `default` (Pulumi Cloud's own)",
      meaning: "Automation engine: what encrypts secrets in the state of stacks that are made from now on.",
    }),
  PULUMI_CONFIG_PASSPHRASE: z.string().min(1).optional().register(about, {
    allowed: "a passphrase that is not empty",
    meaning:
      "Encrypts what is secret in the state: with the automation engine's provider `passphrase`, and in the sandbox's checkpoints. Unset: made at the first start and kept in `pulumi-passphrase` of the data directory; lost, what is secret in the state is lost.",
    secret: true,
  }),
  GATEHOUSE_CLOUD: z.enum(["simulated", "aws"]).prefault("simulated").register(about, {
    allowed: "`simulated` or `aws` (`aws` needs the automation engine)",
    meaning: "Which account the programs work on: a simulated one, or AWS.",
  }),
  GATEHOUSE_ROLES: roles.prefault("api,worker").register(about, {
    allowed: "`api`, `worker` or `api,worker`",
    meaning: "What this process does. Apart, they need a `DATABASE_URL` to share.",
  }),
  GATEHOUSE_WORKER_PORT: wholeNumber(0, 65_535).optional().register(about, {
    allowed: "a port, 0 to 65535 (0 takes a free one)",
    meaning:
      "Port (at `HOST`) on which a worker without API serves `/healthz`, `/readyz` and `/metrics`. Unset: it listens nowhere.",
  }),
  GATEHOUSE_REQUIRED_APPROVALS: wholeNumber(0, 5).prefault("1").register(about, {
    allowed: "a number, 0 to 5",
    meaning: "Approvals by others before anything is applied. Not enforced yet: the service says so when it starts.",
  }),
  GATEHOUSE_ADMIN_KEY: z
    .string()
    .regex(/^[!-~]{32,512}$/)
    .optional()
    .register(about, {
      allowed: "32 to 512 characters of printable ASCII without spaces",
      meaning:
        "API key of the principal `admin`. Unset: made at the first start, printed once, and kept in `admin-key` of the data directory.",
      secret: true,
    }),
  GATEHOUSE_IDENTITY_CENTER_ACCOUNT: z
    .string()
    .regex(/^\d{12}$/)
    .optional()
    .register(about, {
      allowed: "an AWS account id of 12 digits",
      meaning: "Account of Identity Center. Unset: found through the credentials.",
    }),
  GATEHOUSE_IDENTITY_CENTER_REGION: region.optional().register(about, {
    allowed: "the name of an AWS region, such as `eu-central-1`",
    meaning: "Region of Identity Center; set together with its account.",
  }),
  GATEHOUSE_SIMULATED_INVENTORY: z.string().optional().register(about, {
    allowed: "the path of a JSON file",
    meaning:
      "Nodes and sessions that the simulated account gets beside those of the AWS guide; docs/verification.md has its form.",
  }),
  // IAM's RoleName: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  GATEHOUSE_TARGET_ROLE: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/)
    .optional()
    .register(about, {
      allowed: "the name of an IAM role (not its ARN): 1 to 64 of letters, digits and _+=,.@-",
      meaning: "Role that is assumed in each target account. Unset: the process's own credentials.",
    }),
  // AWS SDKs and Tools Reference Guide, "AWS Region".
  AWS_REGION: z.string().optional().register(about, {
    allowed: "the name of an AWS region",
    meaning:
      "With `GATEHOUSE_CLOUD=aws`: where the search for Identity Center begins, and where credentials are tried. Unset: us-east-1.",
  }),
  // "Managed policies attached to an IAM role": https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  GATEHOUSE_POLICIES_PER_ROLE: wholeNumber(0, 100).prefault("10").register(about, {
    allowed: "a number, 0 to 100",
    meaning:
      "Managed policies that IAM lets the node role of an account have; each environment takes one for each region there. Raise it with the quota in AWS; lower it by what others attach. 0: not checked.",
  }),
  GATEHOUSE_WORKERS: wholeNumber(1, 64).optional().register(about, {
    allowed: "a number, 1 to 64",
    meaning:
      "Operations that run at once. Unset: one per processor core, and fewer where memory is short (256 MB each). Said at the start where it is more than eight a core, or than there is memory for.",
  }),
  GATEHOUSE_DRAIN_SECONDS: wholeNumber(0, 3_600).prefault("30").register(about, {
    allowed: "seconds, 0 to 3600",
    meaning: "How long a stop waits for running operations. What takes longer goes back into the queue.",
  }),
  GATEHOUSE_LEASE_SECONDS: wholeNumber(2, 600).prefault("30").register(about, {
    allowed: "seconds, 2 to 600",
    meaning:
      "How long a worker holds an operation without renewing it. When a worker dies, another takes the operation after that time at the latest.",
  }),
  GATEHOUSE_OPERATION_SECONDS: wholeNumber(1, 86_400).prefault("3600").register(about, {
    allowed: "seconds, 1 to 86400",
    meaning: "How long an operation may run. Then it is stopped and fails with `timed_out`.",
  }),
  GATEHOUSE_SILENCE_SECONDS: wholeNumber(1, 86_400).prefault("600").register(about, {
    allowed: "seconds, 1 to 86400",
    meaning: "How long nothing may be heard of a running operation. Then it is stopped and fails with `timed_out`.",
  }),
  GATEHOUSE_RETENTION_DAYS: wholeNumber(1, 3_650).prefault("400").register(about, {
    allowed: "days, 1 to 3650",
    meaning:
      "How long finished operations and their events are kept. The newest of each stack, what is in force there and what needed recovery are kept for good.",
  }),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).prefault("info").register(about, {
    allowed: "`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`",
    meaning: "Least severe log lines that are written (JSON, on standard output).",
  }),
});

export type SettingName = keyof typeof environmentSchema.shape;

/** The default of a setting as written in the environment; `null` where there is none. */
export function defaultText(name: SettingName): string | null {
  const schema = environmentSchema.shape[name];
  return schema instanceof z.ZodPrefault ? schema.def.defaultValue : null;
}

/** Ours too, but read by tests only: they make a process die at a named place (docs/recovery.md). */
export const settingsOfTests: readonly string[] = ["GATEHOUSE_FAULT", "GATEHOUSE_FAULT_ONCE", "GATEHOUSE_FAULT_VICTIM"];

/** Ours too, but read by the command line and not by the service. */
export const settingsOfTheCommandLine: readonly string[] = ["GATEHOUSE_URL", "GATEHOUSE_TOKEN"];
