export interface SessionDocumentInput {
  description: string;
  logGroupName: string;
  bucketName: string;
  /** Folder in the bucket; `null`: its root. */
  keyPrefix: string | null;
  /** ARN (or id) of the key that encrypts the session itself, beyond TLS. */
  kmsKeyId: string;
  /** 1 to 60. */
  idleTimeoutMinutes: number;
  /** 1 to 1440; `null`: no limit. */
  maxSessionMinutes: number | null;
}

/** Content of a session document. Timeouts are strings, flags are booleans: that is the schema. */
export interface SessionDocument {
  schemaVersion: "1.0";
  description: string;
  sessionType: "Standard_Stream";
  inputs: Record<string, string | boolean | Record<string, string>>;
}

/**
 * Preferences of a shell session. With both encryption flags a session is refused when its log group or bucket is missing,
 * unreadable or not encrypted; later delivery failures are only logged by the agent. Streaming, so that a session that never
 * ends cleanly is in the log up to its last second.
 *
 * Source: Systems Manager User Guide, "Session document schema". Empty strings are AWS's own way to say "not set".
 */
export const sessionDocument = (input: SessionDocumentInput): SessionDocument => ({
  schemaVersion: "1.0",
  description: input.description,
  sessionType: "Standard_Stream",
  inputs: {
    s3BucketName: input.bucketName,
    s3KeyPrefix: input.keyPrefix ?? "",
    s3EncryptionEnabled: true,
    cloudWatchLogGroupName: input.logGroupName,
    cloudWatchEncryptionEnabled: true,
    cloudWatchStreamingEnabled: true,
    kmsKeyId: input.kmsKeyId,
    runAsEnabled: false,
    runAsDefaultUser: "",
    idleSessionTimeout: String(input.idleTimeoutMinutes),
    maxSessionDuration: input.maxSessionMinutes === null ? "" : String(input.maxSessionMinutes),
    shellProfile: { linux: "", windows: "" },
  },
});
