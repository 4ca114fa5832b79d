/** What list, read and enqueue cost in a large installation, against a small one: two databases in one server, asked in turn. */
import pg from "pg";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import { measureInTurn } from "./measure.ts";
import { multiply } from "./multiply.ts";
import { environmentOf, startBenchService, target, withDirectory, type BenchService } from "./service.ts";
import { milliseconds, table } from "./table.ts";

const sizes = { small: { environments: 10, operations: 10 }, large: { environments: 10_000, operations: 10 } };
type Size = keyof typeof sizes;

export const benchScale = (): Promise<void> =>
  withDirectory(async (directory) => {
    const embedded = await startEmbeddedDatabase(directory);
    const services: BenchService[] = [];
    try {
      const prepare = async (size: Size): Promise<BenchService> => {
        const url = await prepareDatabase(directory, embedded.url, `bench_${size}`, sizes[size]);
        const service = await startBenchService(directory, { DATABASE_URL: url, GATEHOUSE_ROLES: "api" });
        services.push(service);
        return service;
      };
      await compare({ small: await prepare("small"), large: await prepare("large") });
    } finally {
      await Promise.all(services.map(({ stop }) => stop()));
      await embedded.server.stop();
    }
  });

/** A database in which one environment was really brought up, and then copied so many times with its operations. */
export async function prepareDatabase(
  directory: string,
  serverUrl: string,
  name: string,
  size: { environments: number; operations: number },
): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const service = await startBenchService(directory, { DATABASE_URL: url.href, GATEHOUSE_WORKERS: "1" });
  await service.succeed("/v1/foundation-requests", { action: "up", foundation: target });
  await service.succeed("/v1/environment-requests", { action: "up", environment: environmentOf("seed") });
  await service.stop();
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await multiply(client, size);
  await client.end();
  return url.href;
}

/** One call, as it is made to an installation: the number tells rounds apart. */
type Call = (service: BenchService, number: number) => Promise<void>;

async function compare(services: Record<Size, BenchService>): Promise<void> {
  const middles = { small: await middle(services.small, 5), large: await middle(services.large, 200) };
  const operations = { small: await newest(services.small), large: await newest(services.large) };
  const sizeOf = (service: BenchService): Size => (service === services.small ? "small" : "large");
  const get =
    (path: (size: Size) => string): Call =>
    async (service) => {
      const { status, body } = await service.call("GET", path(sizeOf(service)));
      if (status !== 200) throw new Error(`${path(sizeOf(service))} gives ${status}: ${body}`);
    };
  const post =
    (action: "preview" | "up"): Call =>
    async (service, number) => {
      const environment = { ...environmentOf(`e0000${1 + (number % 9)}`), team: "team-1" };
      const { status, body } = await service.call("POST", "/v1/environment-requests", { action, environment });
      if (status !== 202) throw new Error(`not accepted: ${status} ${body}`);
    };
  const calls: Record<string, Call> = {
    "list environments": get(() => "/v1/environments?limit=5"),
    "list environments, from the middle": get((size) => `/v1/environments?limit=5&cursor=${middles[size]}`),
    "list operations": get(() => "/v1/operations?limit=10"),
    "list operations of a stack": get(() => "/v1/operations?limit=10&stack=environment/e00003"),
    "list operations that succeeded": get(() => "/v1/operations?limit=10&status=succeeded"),
    "list operations of a team": get(() => "/v1/operations?limit=10&team=team-3"),
    "list operations by kind": get(() => "/v1/operations?limit=10&kind=up"),
    "list operations of a kind that is rare": get(() => "/v1/operations?limit=10&kind=refresh"),
    "list operations that need recovery": get(() => "/v1/operations?limit=10&status=needs_recovery"),
    "list operations of a team that failed": get(() => "/v1/operations?limit=10&team=team-3&status=failed"),
    "read an environment": get(() => "/v1/environments/e00003"),
    "read an operation": get((size) => `/v1/operations/${operations[size]}`),
    "enqueue a preview": post("preview"),
    "enqueue an up": post("up"),
  };
  const rows: string[][] = [];
  for (const [name, call] of Object.entries(calls)) {
    const counter = { rounds: 0 };
    const { small, large } = await measureInTurn(
      {
        small: () => call(services.small, (counter.rounds += 1)),
        large: () => call(services.large, counter.rounds),
      },
      { rounds: 200, warmUp: 30 },
    );
    rows.push([
      name,
      milliseconds(small.median),
      milliseconds(large.median),
      (large.median / small.median).toFixed(2),
      milliseconds(large.p99),
    ]);
  }
  table(
    `${count("large")} against ${count("small")}, the same number of rows in each answer`,
    ["", "small, median ms", "large, median ms", "ratio", "large, p99 ms"],
    rows,
  );
}

const count = (size: Size): string => {
  const { environments, operations } = sizes[size];
  const shown = (number: number): string => number.toLocaleString("en");
  return `${shown(environments)} environments and ${shown(environments * operations)} operations`;
};

/** The cursor after half of the environments, as somebody gets it who pages so far. */
async function middle(service: BenchService, limit: number): Promise<string> {
  const half = sizes[limit === 5 ? "small" : "large"].environments / 2;
  let cursor = "";
  for (let seen = 0; seen < half; seen += limit) {
    const { body } = await service.call("GET", `/v1/environments?limit=${limit}${cursor && `&cursor=${cursor}`}`);
    cursor = (JSON.parse(body) as { nextCursor: string | null }).nextCursor ?? "";
  }
  return cursor;
}

async function newest(service: BenchService): Promise<string> {
  const { body } = await service.call("GET", "/v1/operations?limit=1&stack=environment/e00003");
  return (JSON.parse(body) as { items: { id: string }[] }).items[0]?.id ?? "";
}
