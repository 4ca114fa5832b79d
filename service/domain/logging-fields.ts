import { z } from "zod";
import { text } from "./fields.ts";

/** Where sessions are logged, and how long that is kept. */

/** Days that CloudWatch Logs can keep events. Source: CloudWatch Logs API Reference, PutRetentionPolicy. */
export const retentionDaysAllowed = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const retentionDays = z.literal(retentionDaysAllowed, {
  error: `must be one of the days that CloudWatch Logs can keep: ${retentionDaysAllowed.join(", ")}`,
});

/**
 * Name of a log group. `aws/` is AWS's own, `/gatehouse/sessions/` holds the environments' groups.
 * Source: CloudWatch Logs API Reference, CreateLogGroup.
 */
export const logGroupName = text({
  allowed: "a log group name of 1 to 512 letters, digits and . - _ / #, not starting with aws/ or /gatehouse/sessions/",
  max: 512,
  pattern: /^(?!aws\/|\/gatehouse\/sessions\/)[.\-_/#A-Za-z0-9]+$/,
});

/** Names of general purpose buckets. Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
const reservedBucketPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
const reservedBucketSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
const escaped = (words: string[]) => words.map((word) => word.replaceAll(".", "\\.")).join("|");

export const bucketName = text({
  allowed: `a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens that starts and ends with a letter or digit, is no IP address, has no two dots together, does not start with ${reservedBucketPrefixes.join(", ")} or end with ${reservedBucketSuffixes.join(", ")}`,
  min: 3,
  max: 63,
  pattern: new RegExp(
    `^(?!${escaped(reservedBucketPrefixes)})(?!.*(?:${escaped(reservedBucketSuffixes)})$)(?!.*\\.\\.)(?!\\d+\\.\\d+\\.\\d+\\.\\d+$)[a-z0-9][a-z0-9.-]*[a-z0-9]$`,
  ),
});

/**
 * Key prefix of an environment's session logs. It ends with a slash, so that no environment's prefix is the beginning of
 * another's; it holds only characters that S3 calls safe, so that none is a wildcard in the nodes' policy; and no segment is
 * empty, `.` or `..`. `AWSLogs/` is where AWS's services write. Sources: Amazon S3 User Guide, "Naming Amazon S3 objects";
 * Systems Manager API Reference, S3OutputLocation (500 characters).
 */
export const keyPrefix = text({
  allowed:
    "a key prefix of 2 to 500 letters, digits and ! - _ . ' ( ) / that ends with /, has no empty, . or .. segment and does not start with AWSLogs/",
  min: 2,
  max: 500,
  pattern: /^(?!AWSLogs\/)(?:(?!\.{1,2}\/)[A-Za-z0-9!\-_.'()]+\/)+$/,
});

/** Name of a trail. Source: CloudTrail User Guide, "Naming requirements for CloudTrail resources". */
export const trailName = text({
  allowed:
    "a trail name of 3 to 128 letters, digits and . _ - that starts and ends with a letter or digit, has no two of . _ - together and is no IP address",
  min: 3,
  max: 128,
  pattern: /^(?!\d+\.\d+\.\d+\.\d+$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/,
});
