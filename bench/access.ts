/** What the access matrix and the reach check of a preview cost in a large organisation, against a small one. */
import pg from "pg";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import { environmentDocument } from "../service/domain/environment-document.ts";
import { createStore } from "../service/store/store.ts";
import { checkReach } from "../service/usecases/access/access-reach.ts";
import { drizzle } from "drizzle-orm/node-postgres";
import { measureInTurn } from "./measure.ts";
import { multiply } from "./multiply.ts";
import { environmentOf, startBenchService, target, withDirectory, type BenchService } from "./service.ts";
import { milliseconds, table } from "./table.ts";

/** Environments of one account each time: as many neighbours as there can be. */
const sizes = { small: 10, large: 1_000 };
type Size = keyof typeof sizes;

/** Milliseconds that a call may take with the large number, by the product's own promise. */
const limits = { matrix: 50, reach: 100 };

interface Installation {
  service: BenchService;
  pool: pg.Pool;
}

export const benchAccess = (): Promise<void> =>
  withDirectory(async (directory) => {
    const embedded = await startEmbeddedDatabase(directory);
    const installations: Installation[] = [];
    try {
      const prepare = async (size: Size): Promise<Installation> => {
        const url = await prepareDatabase(directory, embedded.url, size);
        const service = await startBenchService(directory, { DATABASE_URL: url, GATEHOUSE_ROLES: "api" });
        const installation = { service, pool: new pg.Pool({ connectionString: url, max: 4 }) };
        installations.push(installation);
        return installation;
      };
      await compare({ small: await prepare("small"), large: await prepare("large") });
    } finally {
      await Promise.all(installations.flatMap(({ service, pool }) => [service.stop(), pool.end()]));
      await embedded.server.stop();
    }
  });

async function prepareDatabase(directory: string, serverUrl: string, size: Size): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE bench_access_${size}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/bench_access_${size}`;
  const service = await startBenchService(directory, { DATABASE_URL: url.href, GATEHOUSE_WORKERS: "1" });
  await service.succeed("/v1/foundation-requests", { action: "up", foundation: target });
  await service.succeed("/v1/environment-requests", { action: "up", environment: environmentOf("seed") });
  await service.stop();
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await multiply(client, { environments: sizes[size], operations: 4 });
  await client.end();
  return url.href;
}

/** A statement that opens a way onto a value of the tag that nobody has: its neighbours have to be looked at, every one. */
const opensMore = {
  Sid: "AnotherValue",
  Effect: "Allow" as const,
  Action: "ssm:StartSession",
  Resource: `arn:aws:ec2:*:${target.account}:instance/*`,
  Condition: { StringEquals: { "ssm:resourceTag/project": "nobody-else" } },
};

async function compare(installations: Record<Size, Installation>): Promise<void> {
  const get =
    (path: string) =>
    async ({ service }: Installation): Promise<void> => {
      const { status, body } = await service.call("GET", path);
      if (status !== 200) throw new Error(`${path} gives ${status}: ${body}`);
    };
  const reach = (more: object) => {
    const spec = environmentDocument.parse({ ...environmentOf("e00003"), ...more });
    return ({ pool }: Installation): Promise<void> => checkReach(createStore(drizzle(pool)), spec);
  };
  const calls: Record<string, { limit: number | null; call: (installation: Installation) => Promise<void> }> = {
    "matrix of one environment, over HTTP": {
      limit: limits.matrix,
      call: get("/v1/access-matrix?environment=e00003"),
    },
    "reach check of a preview": { limit: limits.reach, call: reach({}) },
    "the same with statements of its own: every neighbour is read": {
      limit: limits.reach,
      call: reach({ extraStatements: [opensMore] }),
    },
    "nodes of one environment, over HTTP": { limit: null, call: get("/v1/environments/e00003/nodes") },
  };
  const rows: string[][] = [];
  for (const [name, { limit, call }] of Object.entries(calls)) {
    const { small, large } = await measureInTurn(
      { small: () => call(installations.small), large: () => call(installations.large) },
      { rounds: 100, warmUp: 20 },
    );
    rows.push([
      name,
      milliseconds(small.median),
      milliseconds(large.median),
      (large.median / small.median).toFixed(2),
      milliseconds(large.p99),
      limit === null ? "" : `${limit} (${large.p95 < limit ? "kept" : "broken"})`,
    ]);
  }
  table(
    `Access: ${sizes.large.toLocaleString("en")} environments in one account against ${sizes.small}`,
    ["", "small, median ms", "large, median ms", "ratio", "large, p99 ms", "limit on p95, ms"],
    rows,
  );
}
