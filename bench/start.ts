/** How soon the service is ready again on a warm data directory, and what it weighs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runnersOf, signalTo } from "../test/chaos/service-process.ts";
import { timingsOf } from "./measure.ts";
import { environmentOf, startBenchService, target, withDirectory, type BenchService } from "./service.ts";
import { milliseconds, table } from "./table.ts";

const rounds = 7;

export const benchStart = (): Promise<void> =>
  withDirectory(async (directory) => {
    const first = await timedStart(directory);
    await first.service.succeed("/v1/foundation-requests", { action: "up", foundation: target });
    await first.service.succeed("/v1/environment-requests", { action: "up", environment: environmentOf("read") });
    await first.service.stop();
    const times = { stopped: [] as number[], killed: [] as number[], preview: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      const stopped = await timedStart(directory);
      times.stopped.push(stopped.ready);
      times.preview.push(stopped.preview);
      await stopped.service.kill();
      const killed = await timedStart(directory);
      times.killed.push(killed.ready);
      await killed.service.stop();
    }
    const row = (name: string, all: number[]): string[] => {
      const { median, p95 } = timingsOf(all);
      return [name, milliseconds(median), milliseconds(p95)];
    };
    table(
      "From the start of the process",
      ["", "median, ms", "slowest, ms"],
      [
        ["ready, the first time (the database is made)", milliseconds(first.ready), milliseconds(first.ready)],
        row("ready, after a stop", times.stopped),
        row("ready, after a kill -9 (the database lives on)", times.killed),
        row("first preview answered, after a stop", times.preview),
      ],
    );
    await benchMemory(directory);
  });

interface TimedStart {
  service: BenchService;
  /** Milliseconds until `/readyz` said yes, and until a preview was there. */
  ready: number;
  preview: number;
}

async function timedStart(directory: string): Promise<TimedStart> {
  const started = performance.now();
  const service = await startBenchService(directory, { GATEHOUSE_WORKERS: "2" });
  while ((await service.call("GET", "/readyz")).status !== 200) await delay(5);
  const ready = performance.now() - started;
  await service.succeed("/v1/foundation-requests", { action: "preview", foundation: target });
  return { service, ready, preview: performance.now() - started };
}

/** Resident memory of the service, its children and its database, at rest and after work. */
async function benchMemory(directory: string): Promise<void> {
  const { service } = await timedStart(directory);
  try {
    await untilRunners(service.pid, 2);
    const postmaster = Number.parseInt(readFileSync(join(directory, "postgres", "postmaster.pid"), "utf8"), 10);
    const weigh = () => [megabytes([service.pid]), megabytes(runnersOf(service.pid)), megabytes(below(postmaster))];
    const rest = weigh();
    for (let round = 0; round < 100; round += 1)
      await Promise.all(
        ["read", "other"].map((name) =>
          service.succeed("/v1/environment-requests", { action: "preview", environment: environmentOf(name) }),
        ),
      );
    const worked = weigh();
    table(
      "Resident memory, MB (pages that processes share are split among them)",
      ["", "after the start", "after 200 previews"],
      ["service", "two runner children together", "PostgreSQL"].map((name, index) => [
        name,
        rest[index] ?? 0,
        worked[index] ?? 0,
      ]),
    );
  } finally {
    await service.stop();
  }
}

async function untilRunners(pid: number, count: number): Promise<void> {
  while (runnersOf(pid).length < count) await delay(20);
}

const below = (pid: number): number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
];

/** Proportional set size of processes together, from Linux's /proc/[pid]/smaps_rollup. */
function megabytes(pids: readonly number[]): number {
  const kilobytes = pids
    .filter((pid) => signalTo(pid, 0))
    .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0));
  return Math.round(kilobytes.reduce((sum, each) => sum + each, 0) / 1024);
}
