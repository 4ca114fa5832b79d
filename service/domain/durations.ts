import { z } from "zod";

/**
 * ISO 8601 durations of fixed length: weeks, or days, hours, minutes and seconds. Years and months are left out, since
 * their length depends on when they start.
 */
const pattern = /^P(?:(\d{1,6})W|(?=\d|T\d)(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?)$/;

const secondsPerUnit = [7 * 86_400, 86_400, 3_600, 60, 1];

/** Seconds of a duration such as `PT1H30M`, `P14D` or `P2W`; `null` when it is none. */
export const durationSeconds = (duration: string): number | null => {
  const match = pattern.exec(duration);
  if (match === null) return null;
  return secondsPerUnit.reduce((sum, seconds, unit) => sum + seconds * Number(match[unit + 1] ?? 0), 0);
};

/** A duration between two others, both allowed; kept as it was written. */
export const duration = (least: string, most: string) => {
  const allowed = `an ISO 8601 duration from ${least} to ${most}, in weeks, days, hours, minutes or seconds`;
  const error = (complaint: { input?: unknown }) =>
    complaint.input === undefined ? `is required: ${allowed}` : `must be ${allowed}`;
  const shortest = durationSeconds(least) ?? 0;
  const longest = durationSeconds(most) ?? 0;
  return z
    .string({ error })
    .regex(pattern, { error })
    .refine(
      (value) => {
        const seconds = durationSeconds(value);
        return seconds !== null && seconds >= shortest && seconds <= longest;
      },
      { error },
    );
};
