/**
 * Makes a Pulumi CLI of the pinned version available in the project: by the Automation API's own installer, and where its
 * download cannot be reached, built from its Go module. A network that is closed but for a Go module proxy has the latter.
 */
import { execFile } from "node:child_process";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { PulumiCliError } from "./cli.ts";
import { pinnedVersion } from "./cli-version.ts";

const execute = promisify(execFile);

/** Where the installer's script comes from; the SDK downloads it from here (`automation/cmd`). */
const installerScript = "https://get.pulumi.com/install.sh";

/** A network that swallows connections is found out here, not by an installer that waits for minutes. */
const reachLimitMilliseconds = 10_000;

/** The first build takes three to six minutes on two cores, most of it compiling; a slow machine may need more. */
const buildLimitMilliseconds = 45 * 60_000;

const goPackage = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";

/** The linker writes the version into this variable; without it the CLI calls itself nothing. */
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

const toolsDirectory = fileURLToPath(new URL("../../../../tools/", import.meta.url));

/** A way to come by the CLI; puts it at `<root>/bin/pulumi` or rejects. */
export interface InstallMethod {
  name: string;
  install: (root: string) => Promise<void>;
}

/** Pulumi's installer, as the Automation API runs it. */
const download: InstallMethod = {
  name: "download by the Automation API's installer",
  install: async (root) => {
    const answer = await fetch(installerScript, { signal: AbortSignal.timeout(reachLimitMilliseconds) });
    if (!answer.ok) throw new Error(`${installerScript} answers ${answer.status}`);
    await PulumiCommand.install({ root });
  },
};

/** `go build` in the module of `tools/`, whose go.sum fixes every dependency. */
const build: InstallMethod = {
  name: "build from the Go module (needs Go 1.25.11 or newer and a module proxy)",
  install: async (root) => {
    const made = join(root, `pulumi-${process.pid}`);
    const flags = ["-mod=readonly", "-buildvcs=false", "-ldflags", `-s -w -X ${versionVariable}=v${pinnedVersion}`];
    try {
      await execute("go", ["build", ...flags, "-o", made, goPackage], {
        cwd: toolsDirectory,
        timeout: buildLimitMilliseconds,
        maxBuffer: 64 * 1_048_576,
      });
      await mkdir(join(root, "bin"), { recursive: true });
      // Whole or not at all: somebody may be looking for it right now.
      await rename(made, join(root, "bin", "pulumi"));
    } finally {
      await rm(made, { force: true });
    }
  },
};

/** In the order in which they are tried. */
const installMethods: readonly InstallMethod[] = [download, build];

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

interface InstallOptions {
  /** Directory that gets `bin/pulumi`. */
  root: string;
  /** Told what is tried and what came of it. */
  onProgress: (message: string) => void;
  methods?: readonly InstallMethod[];
}

/**
 * Tries each method until one works.
 *
 * @throws PulumiCliError that names what stood in the way of each
 */
export async function installPulumi({ root, onProgress, methods = installMethods }: InstallOptions): Promise<void> {
  const failures: string[] = [];
  for (const { name, install } of methods) {
    onProgress(`Pulumi CLI ${pinnedVersion}: ${name} …`);
    try {
      await mkdir(root, { recursive: true });
      await install(root);
      return;
    } catch (error) {
      failures.push(`${name}: ${reasonOf(error)}`);
      onProgress(`  not this way: ${reasonOf(error)}`);
    }
  }
  throw new PulumiCliError(
    `The Pulumi CLI ${pinnedVersion} could not be installed. ${failures.join(". ")}. ` +
      "Install it by hand and put it on PATH; docs/pulumi-cli.md says how.",
  );
}
