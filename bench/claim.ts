/** What taking the next operation costs when much is waiting, against little. */
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import { leaseStore } from "../service/store/leases.ts";
import { measureInTurn } from "./measure.ts";
import { prepareDatabase } from "./scale.ts";
import { withDirectory } from "./service.ts";
import { milliseconds, table } from "./table.ts";

/** Stacks with two operations waiting each. */
const waiting = { small: 5, large: 5_000 };

export const benchClaim = (): Promise<void> =>
  withDirectory(async (directory) => {
    const embedded = await startEmbeddedDatabase(directory);
    const clients: pg.Client[] = [];
    try {
      const prepare = async (size: keyof typeof waiting): Promise<() => Promise<void>> => {
        const url = await prepareDatabase(directory, embedded.url, `claim_${size}`, {
          environments: waiting[size],
          operations: 4,
        });
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        clients.push(client);
        await client.query(
          `update gatehouse.operations set status = 'queued', started_at = null, finished_at = null, stack_before = null
           where kind = 'preview' and stack <> 'environment/seed' and stack like 'environment/%'`,
        );
        await client.query("vacuum analyze");
        const leases = leaseStore(drizzle(client));
        // Taken and put back, so that each time as much is waiting.
        return async () => {
          await client.query("begin");
          const operation = await leases.claim("bench", 30, new Date());
          await client.query("rollback");
          if (operation === null) throw new Error("nothing was waiting");
        };
      };
      const small = await prepare("small");
      const large = await prepare("large");
      const timings = await measureInTurn({ small, large }, { rounds: 100, warmUp: 10 });
      table(
        `Taking the next operation: ${waiting.large * 2} waiting of ${waiting.large} stacks against ${waiting.small * 2} of ${waiting.small}`,
        ["waiting", "median, ms", "p99, ms", "ratio"],
        Object.entries(timings).map(([size, { median, p99 }]) => [
          String(waiting[size === "small" ? "small" : "large"] * 2),
          milliseconds(median),
          milliseconds(p99),
          (median / timings.small.median).toFixed(2),
        ]),
      );
    } finally {
      await Promise.all(clients.map((client) => client.end()));
      await embedded.server.stop();
    }
  });
