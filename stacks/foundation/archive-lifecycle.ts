import type { types } from "@pulumi/aws";

/** How long, in days, the archive keeps a version of a log that was overwritten or deleted. */
export const noncurrentVersionDays = 30;

/** After how many days the parts of an upload that never ended are removed. */
export const unfinishedUploadDays = 7;

/**
 * Lifecycle of everything in the log archive: logs expire after `retentionDays`, what replaced or deleted them can be
 * undone for a month, and half uploads go. An expiration in days also removes the delete markers that it leaves
 * ("Lifecycle configuration elements" in the S3 User Guide), so there is no rule for those.
 */
export const archiveLifecycleRules = (retentionDays: number): types.input.s3.BucketLifecycleConfigurationRule[] => [
  {
    id: "expire-logs",
    status: "Enabled",
    // An empty filter means the whole bucket; left out, the provider would ask for a prefix.
    filter: {},
    expiration: { days: retentionDays },
    noncurrentVersionExpiration: { noncurrentDays: noncurrentVersionDays },
    abortIncompleteMultipartUpload: { daysAfterInitiation: unfinishedUploadDays },
  },
];
