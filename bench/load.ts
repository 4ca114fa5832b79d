/** What callers get while two runs are in flight: reads, and requests accepted. */
import { measureFor, timingsOf, type Timings } from "./measure.ts";
import { environmentOf, startBenchService, target, withDirectory, type BenchService } from "./service.ts";
import { milliseconds, table } from "./table.ts";

const lanes = 8;

export const benchLoad = (seconds: number): Promise<void> =>
  withDirectory(async (directory) => {
    const service = await startBenchService(directory, { GATEHOUSE_WORKERS: "2" });
    try {
      await service.succeed("/v1/foundation-requests", { action: "up", foundation: target });
      const up = await service.succeed("/v1/environment-requests", {
        action: "up",
        environment: environmentOf("read"),
      });
      const paths = ["/v1/environments/read", `/v1/operations/${up.id}`, "/v1/operations?limit=20", "/v1/environments"];
      const read = reader(service, paths);
      const idle = await measureFor(seconds, lanes, read);
      const busy = await whileRunning(service, () => measureFor(seconds, lanes, read));
      const accepted = await measureFor(seconds, lanes, async (lane, number) => {
        const environment = environmentOf(`load-${lane}-${number}`);
        const { status, body } = await service.call("POST", "/v1/environment-requests", {
          action: "preview",
          environment,
        });
        if (status !== 202) throw new Error(`not accepted: ${status} ${body}`);
      });
      const row = (name: string, times: number[]): (string | number)[] => {
        const { median, p99 }: Timings = timingsOf(times);
        return [name, Math.round(times.length / seconds), milliseconds(median), milliseconds(p99)];
      };
      table(
        `${lanes} callers at once, each asking again as soon as it is answered`,
        ["", "a second", "median, ms", "p99, ms"],
        [
          row("reads, nothing runs", idle),
          row("reads, two runs in flight", busy),
          row("requests accepted, two runs in flight", accepted),
        ],
      );
    } finally {
      // What was accepted is not waited for.
      await service.kill();
      await stopLeftDatabase(directory);
    }
  });

const reader =
  (service: BenchService, paths: readonly string[]) =>
  async (lane: number, number: number): Promise<void> => {
    const path = paths[(lane + number) % paths.length] ?? "";
    const { status } = await service.call("GET", path);
    if (status !== 200) throw new Error(`${path} gives ${status}`);
  };

/** Keeps two environments changing, one operation after the other, while the work is done. */
async function whileRunning<Result>(service: BenchService, work: () => Promise<Result>): Promise<Result> {
  const state = { over: false };
  const change = async (name: string): Promise<void> => {
    for (let number = 1; !state.over; number += 1) {
      const description = `change ${number}`;
      await service.succeed("/v1/environment-requests", {
        action: "up",
        environment: { ...environmentOf(name), permissionSet: { description } },
      });
    }
  };
  const changing = [change("first"), change("second")];
  try {
    return await work();
  } finally {
    state.over = true;
    await Promise.all(changing);
  }
}

/** A killed service leaves its server behind: one more start and a stop in good order ends it. */
async function stopLeftDatabase(directory: string): Promise<void> {
  const again = await startBenchService(directory, { GATEHOUSE_WORKERS: "1", GATEHOUSE_DRAIN_SECONDS: "0" });
  await again.stop();
}
