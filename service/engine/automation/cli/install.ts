/** `npm run pulumi:install`: makes sure that a Pulumi CLI that serves is there, and says where. Quick when it is. */
import { findPulumi, installDirectory, PulumiCliError } from "./cli.ts";
import { installPulumi } from "./cli-install.ts";

const print = (message: string): void => void process.stdout.write(`${message}\n`);

/** @throws PulumiCliError */
async function ensurePulumi(): Promise<void> {
  const present = await findPulumi().catch((error: unknown) => {
    if (!(error instanceof PulumiCliError)) throw error;
    return null;
  });
  if (present === null) await installPulumi({ root: installDirectory, onProgress: print });
  const { path, version } = present ?? (await findPulumi());
  print(`Pulumi CLI ${version}: ${path}`);
}

try {
  await ensurePulumi();
} catch (error) {
  if (!(error instanceof PulumiCliError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
