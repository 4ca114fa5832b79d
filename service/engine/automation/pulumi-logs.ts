/** The CLI's own logs: it writes one file a run (40 to 90 KB for an environment) below its home, and removes none. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ifAbsent } from "../../error-code.ts";

/** How long a run's log is kept, for whoever looks into a failure that its operation does not explain. */
const keptHours = 24;

const hour = 3_600_000;

/**
 * Removes logs of runs that ended longer ago. Others may do the same at once: what is gone already is no error.
 *
 * @param home Pulumi's home (`PULUMI_HOME`)
 * @returns how many were removed
 */
export async function pruneLogs(home: string, now: Date): Promise<number> {
  const directory = join(home, "logs");
  const names = await readdir(directory).catch(ifAbsent([]));
  const old = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const found = await stat(path).catch(ifAbsent(null));
      return found !== null && now.getTime() - found.mtimeMs > keptHours * hour ? [path] : [];
    }),
  );
  const paths = old.flat();
  await Promise.all(paths.map((path) => rm(path, { force: true, recursive: true })));
  return paths.length;
}

/**
 * Prunes now and once an hour. Gives what ends it.
 *
 * @param onTrouble told when it fails; it is tried again in an hour
 */
export function keepLogsShort(home: string, now: () => Date, onTrouble: (message: string) => void): () => void {
  const prune = (): void =>
    void pruneLogs(home, now()).catch((error: unknown) =>
      onTrouble(`Pulumi's old logs in ${home} could not be removed: ${String(error)}`),
    );
  prune();
  const timer = setInterval(prune, hour);
  timer.unref();
  return () => clearInterval(timer);
}
