import { z } from "zod";
import { wholeNumber } from "./fields.ts";

/** Minutes without input until Session Manager ends a session. Source: Systems Manager User Guide, "Specify an idle session timeout value". */
export const idleTimeoutMinutes = wholeNumber(1, 60, "minutes");

/** How the Systems Manager API writes the limit of a session. Source: Systems Manager API Reference, "Session", `MaxSessionDuration`. */
const maxSessionPattern = /^([1-9]|[1-9][0-9]|[1-9][0-9][0-9]|1[0-4][0-3][0-9]|1440)$/;

const maxSessionAllowed =
  "a whole number of minutes from 1 to 1440 (the AWS API takes none from 1040 to 1099, 1140 to 1199, 1240 to 1299 and 1340 to 1399), or null for no limit";

/** Minutes until Session Manager ends any session; `null` sets no limit. Source: Systems Manager User Guide, "Specify maximum session duration". */
export const maxSessionMinutes = z
  .int({ error: `must be ${maxSessionAllowed}` })
  .min(1, { error: `must be ${maxSessionAllowed}` })
  .max(1440, { error: `must be ${maxSessionAllowed}` })
  .refine((minutes) => maxSessionPattern.test(String(minutes)), { error: `must be ${maxSessionAllowed}` })
  .nullable();
