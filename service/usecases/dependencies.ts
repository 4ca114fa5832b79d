import type { AccessReader } from "../cloud/access-reader.ts";
import type { CloudReader } from "../cloud/reader.ts";
import type { Engine } from "../engine/engine.ts";
import type { OperationMetrics } from "./operation-metrics.ts";
import type { Store } from "../store/store.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { LeaseSettings } from "./lease-settings.ts";
import type { Timers } from "./timers.ts";
import type { RunLimits } from "./watchdog.ts";

/** What the use cases need from outside, built in the composition root. */
export interface Dependencies {
  store: Store;
  engine: Engine;
  reader: CloudReader;
  /** What is true about access in the account. */
  accessReader: AccessReader;
  /** Hints that an operation changed, for those who wait. */
  feed: ChangeFeed;
  now: () => Date;
  /** From 0 up to 1, another one each time. */
  random: () => number;
  /** UUIDv7. */
  newId: () => string;
  logger: Logger;
  metrics: OperationMetrics;
  settings: Settings;
  /** Whether an error means that the database is away. */
  isUnavailable: (error: unknown) => boolean;
  timers: Timers;
  lease: LeaseSettings;
  limits: RunLimits;
}

/** What of the configuration use cases decide by. */
export interface Settings {
  cloud: "simulated" | "aws";
  /** Name of the role assumed in each account; `null`: the process's own credentials. */
  targetRole: string | null;
  /** Managed policies that IAM lets the node role of an account have; 0: not checked. */
  policiesPerRole: number;
}

/** The part of a pino logger that is used here. */
interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
