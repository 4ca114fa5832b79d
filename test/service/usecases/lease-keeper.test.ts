import type { StopRequests } from "../../../service/store/leases.ts";
import { createChangeFeed } from "../../../service/usecases/change-feed.ts";
import { keepLease } from "../../../service/usecases/executing/lease.ts";
import { createStopControl } from "../../../service/usecases/stop-control.ts";
import { watchRun } from "../../../service/usecases/watchdog.ts";
import { operationRow } from "../../support/operation-row.ts";
import { createFakeTimers } from "../../support/fake-timers.ts";

const nothingAsked: StopRequests = { cancel: false, kill: false };

const keep = ({ isUnavailable = false } = {}) => {
  const timers = createFakeTimers();
  const control = createStopControl(timers);
  const feed = createChangeFeed();
  const answers = { renew: (): Promise<StopRequests | null> => Promise.resolve(nothingAsked), asked: nothingAsked };
  const renewals: number[] = [];
  const operation = operationRow();
  const logged: string[] = [];
  const keeper = keepLease(
    {
      timers,
      feed,
      lease: { worker: "worker-1", seconds: 30, places: 1 },
      limits: { graceSeconds: 10 },
      logger: {
        debug: (_fields, message) => void logged.push(`debug: ${message}`),
        info: (_fields, message) => void logged.push(`info: ${message}`),
        warn: (_fields, message) => void logged.push(`warn: ${message}`),
        error: (_fields, message) => void logged.push(`error: ${message}`),
      },
      isUnavailable: () => isUnavailable,
      store: {
        leases: {
          renew: () => {
            renewals.push(timers.elapsed());
            return answers.renew();
          },
          stopRequests: () => Promise.resolve(answers.asked),
        },
      },
    },
    { operation, since: 0 },
    control,
  );
  return { timers, control, feed, answers, renewals, keeper, operation, logged };
};

describe("keeping a lease", () => {
  it("renews each third of it, and leaves no timer behind", async () => {
    const { timers, control, renewals, keeper } = keep();
    await timers.pass(60_000);
    expect(renewals).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(control.signal.aborted).toBe(false);
    await keeper.end();
    control.end();
    expect(timers.waiting()).toBe(0);
  });

  it.each([
    { isUnavailable: false, level: "warn" },
    { isUnavailable: true, level: "debug" },
  ])("tells of a renewal that failed; not once more where the database is away ($level)", async (world) => {
    const { timers, control, answers, keeper, logged } = keep(world);
    answers.renew = () => Promise.reject(new Error("connection refused"));
    await timers.pass(10_000);
    expect(logged).toEqual([`${world.level}: the lease was not renewed; it is tried again until the lease is over`]);
    await keeper.end();
    control.end();
  });

  it("stops the run when the operation is somebody else's, and ends it after a grace", async () => {
    const { timers, control, answers, renewals, keeper } = keep();
    answers.renew = () => Promise.resolve(null);
    await timers.pass(10_000);
    expect(control.reason()).toBe("lease_lost");
    expect([control.signal.aborted, control.kill.aborted]).toEqual([true, false]);
    await timers.pass(10_000);
    expect(control.kill.aborted).toBe(true);
    expect(renewals).toHaveLength(1);
    await keeper.end();
  });

  it("tries again when the database is away, and stops the run when the lease is over before it is back", async () => {
    const { timers, control, answers, renewals, keeper } = keep();
    answers.renew = () => Promise.reject(new Error("the database is away"));
    await timers.pass(29_000);
    expect(renewals.length).toBeGreaterThan(1);
    expect(control.signal.aborted).toBe(false);
    await timers.pass(1_000);
    expect(control.reason()).toBe("lease_lost");
    await keeper.end();
  });

  it("goes on when the database comes back in time", async () => {
    const { timers, control, answers, keeper } = keep();
    answers.renew = () => Promise.reject(new Error("the database is away"));
    await timers.pass(15_000);
    answers.renew = () => Promise.resolve(nothingAsked);
    await timers.pass(60_000);
    expect(control.signal.aborted).toBe(false);
    await keeper.end();
  });

  it("hears of a cancel by the feed, and of the second one", async () => {
    const { timers, control, feed, answers, keeper, operation } = keep();
    answers.asked = { cancel: true, kill: false };
    feed.changed(`cancel:${operation.id}`);
    await timers.pass(1);
    expect([control.reason(), control.signal.aborted, control.kill.aborted]).toEqual(["cancel", true, false]);
    answers.asked = { cancel: true, kill: true };
    feed.changed(`cancel:${operation.id}`);
    await timers.pass(1);
    expect(control.kill.aborted).toBe(true);
    await keeper.end();
  });

  it("hears of it at the next renewal where the hint was lost", async () => {
    const { timers, control, answers, keeper } = keep();
    answers.renew = () => Promise.resolve({ cancel: true, kill: false });
    await timers.pass(10_000);
    expect(control.reason()).toBe("cancel");
    await keeper.end();
  });
});

describe("the watchdogs of a run", () => {
  const watch = () => {
    const timers = createFakeTimers();
    const control = createStopControl(timers);
    const limits = { operationSeconds: 3600, silenceSeconds: 600, graceSeconds: 10 };
    return { timers, control, watchdog: watchRun(timers, limits, control) };
  };

  it("stop one of which nothing is heard, and end it after a grace", async () => {
    const { timers, control } = watch();
    await timers.pass(599_999);
    expect(control.signal.aborted).toBe(false);
    await timers.pass(1);
    expect([control.reason(), control.kill.aborted]).toEqual(["silence", false]);
    await timers.pass(10_000);
    expect(control.kill.aborted).toBe(true);
  });

  it("let one go on that is heard of, and stop it when it takes too long all the same", async () => {
    const { timers, control, watchdog } = watch();
    for (let minutes = 0; minutes < 59; minutes += 1) {
      watchdog.heard();
      await timers.pass(60_000);
    }
    expect(control.signal.aborted).toBe(false);
    await timers.pass(60_000);
    expect(control.reason()).toBe("wall_clock");
  });

  it("count no time in which others hold it up, and go on with what was left", async () => {
    const { timers, control, watchdog } = watch();
    const wait = Promise.withResolvers<boolean>();
    await timers.pass(500_000);
    const waited = watchdog.heldUp(wait.promise);
    await timers.pass(7_200_000);
    expect([control.reason(), timers.waiting()]).toEqual([null, 0]);
    wait.resolve(true);
    expect(await waited).toBe(true);
    for (let heard = 0; heard < 6; heard += 1) {
      await timers.pass(516_000);
      watchdog.heard();
    }
    expect(control.reason()).toBeNull();
    await timers.pass(4_000);
    expect(control.reason()).toBe("wall_clock");
  });

  it("leave no timer behind where it ends while it is held up", async () => {
    const { timers, watchdog } = watch();
    const wait = Promise.withResolvers<boolean>();
    const waited = watchdog.heldUp(wait.promise);
    watchdog.end();
    wait.resolve(false);
    await waited;
    expect(timers.waiting()).toBe(0);
  });

  it("leave no timer behind", () => {
    const { timers, watchdog } = watch();
    watchdog.end();
    expect(timers.waiting()).toBe(0);
  });
});

describe("why a run is stopped", () => {
  it.each([
    ["drain", "cancel", "cancel"],
    ["cancel", "drain", "cancel"],
    ["silence", "lease_lost", "lease_lost"],
    ["lease_lost", "cancel", "lease_lost"],
    ["wall_clock", "drain", "wall_clock"],
  ] as const)("%s and then %s is %s", (first, second, strongest) => {
    const control = createStopControl(createFakeTimers());
    control.stop(first, null);
    control.stop(second, null);
    expect(control.reason()).toBe(strongest);
  });
});
