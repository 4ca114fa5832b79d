/** A place of its own in which the real CLI is provoked: state, settings, simulated account. */
import { fork } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCli } from "../../../service/engine/automation/cli/cli.ts";
import { pluginEnvironment, pluginRegistration } from "../../../service/engine/automation/plugin/environment.ts";
import type { TestDatabase } from "../database.ts";
import { scope } from "../engine.ts";
import type { CliAttempt, Told } from "./attempt.ts";

/** What a scenario says of an attempt; what it leaves out is as it should be. */
export type AttemptSettings = Partial<CliAttempt>;

export interface ProvokingWorld {
  database: TestDatabase;
  /** Everything of this world is below. */
  directory: string;
  /** The CLI's files of the `file://` backend. */
  state: string;
  cli: PulumiCli;
  attempt(settings: AttemptSettings): Promise<Told>;
  /** What the last attempt was to do. */
  lastVerb(): CliAttempt["verb"];
  close(): Promise<void>;
}

export const passphrase = "passphrase-of-a-test";

const makeAttempt = (attempt: CliAttempt, environment: NodeJS.ProcessEnv): Promise<Told> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL("./child.ts", import.meta.url), [], { execArgv: [], env: environment });
    let told: Told | null = null;
    child.once("message", (message) => (told = message as Told));
    child.once("exit", (code, signal) => {
      if (told === null) reject(new Error(`The attempt's process ended without a word: ${signal ?? code ?? "?"}`));
      else resolve(told);
    });
    child.send(attempt);
  });

/** The database is the caller's, who drops it. */
export async function startProvokingWorld(cli: PulumiCli, database: TestDatabase): Promise<ProvokingWorld> {
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-provoked-"));
  const [state, work, home] = ["state", "work", "home"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([state, work, home].map((path) => mkdir(path)));
  let lastVerb: CliAttempt["verb"] = "up";
  return {
    database,
    directory,
    state,
    cli,
    lastVerb: () => lastVerb,
    attempt: async (settings) => {
      const attempt: CliAttempt = {
        verb: "up",
        makeStack: false,
        stack: "environment.provoked",
        arguments: { resources: [] },
        workDirectory: work,
        home,
        secretsProvider: null,
        plugin: pluginRegistration.path,
        command: [cli.path],
        options: [],
        interrupt: null,
        refuse: null,
        ...settings,
        environment: {
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: passphrase,
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          ...settings.environment,
        },
      };
      lastVerb = attempt.verb;
      // Nothing of the machine's own credentials or settings gets into what is recorded.
      const own = Object.entries(process.env).filter(([name]) => !/^(AWS|PULUMI|GATEHOUSE|NODE_OPTIONS)/.test(name));
      return makeAttempt(attempt, {
        ...Object.fromEntries(own),
        ...pluginEnvironment({ databaseUrl: database.url, home: scope }),
        HOME: home,
        TMPDIR: directory,
      });
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A stack that exists, with what the resources say. @throws Error when it cannot be brought up */
export async function bringUp(world: ProvokingWorld, settings: AttemptSettings = {}): Promise<void> {
  const told = await world.attempt({ makeStack: true, verb: "up", ...settings });
  if (told.thrown !== null) throw new Error(`The scenario cannot begin: ${told.thrown}`);
}
