/** What each recorded failure means, by the name of its fixture. */
import type { FailureClass } from "../../../../service/domain/failure-classes.ts";

export interface Expected {
  class: FailureClass;
  /** As in the problem; where it is not the class's own. */
  code?: string;
  /** Last part of the URN that is blamed; `null` for none. */
  at: string | null;
  /** Whether anything in the account may have changed. */
  applied: boolean;
  /** Signals that we sent. */
  sent?: NodeJS.Signals[];
}

const at = (name: string | null, failure: FailureClass, applied: boolean, more: Partial<Expected> = {}): Expected => ({
  class: failure,
  at: name,
  applied,
  ...more,
});
const nowhere = (failure: FailureClass, more: Partial<Expected> = {}): Expected => at(null, failure, false, more);

export const expectedFailures: Readonly<Record<string, Expected>> = {
  "access-denied": at("refused", "access_denied", true),
  "access-denied-query": at("refused", "access_denied", true),
  throttled: at("refused", "throttled", true),
  "throttled-query": at("refused", "throttled", true),
  "throttled-update": at("refused", "throttled", true),
  conflict: at("refused", "conflict", true),
  "conflict-delete": at("refused", "still_in_use", true),
  quota: at("refused", "quota_exceeded", true),
  "not-found": at("refused", "not_found", true),
  invalid: at("refused", "invalid_input", true),
  "aws-broken": at("refused", "aws_unavailable", true),
  "expired-token": at("refused", "credentials_invalid", true),
  "already-exists": at("taken", "already_exists", true),
  "already-exists-log-group": at("taken", "already_exists", true),
  "already-exists-bucket": at("taken", "already_exists", true),
  "import-not-found": at("a", "not_found", false),
  "import-not-found-preview": at("a", "not_found", false),
  "import-differs": at("taken", "import_differs", false),
  "invalid-input": at("a", "invalid_input", false),
  "function-not-found": nowhere("not_found", { code: "program_failed" }),

  "file-missing": nowhere("backend_missing"),
  "file-not-writable": nowhere("backend_missing"),
  "unknown-scheme": nowhere("backend_login"),
  "postgres-refused": nowhere("backend_unreachable"),
  "postgres-no-host": nowhere("backend_unreachable"),
  "postgres-bad-url": nowhere("backend_login"),
  "postgres-wrong-password": nowhere("backend_refused"),
  "postgres-no-database": nowhere("backend_missing"),
  "postgres-too-many": nowhere("backend_unreachable"),
  "postgres-starting": nowhere("backend_unreachable"),
  "s3-no-region": nowhere("backend_region"),
  "cloud-no-login": nowhere("backend_login"),
  "cloud-bad-token": nowhere("backend_login"),
  "cloud-forbidden": nowhere("backend_refused"),
  "cloud-broken": nowhere("backend_unreachable"),
  "cloud-no-host": nowhere("backend_unreachable"),
  "s3-no-bucket": nowhere("backend_missing"),
  "s3-access-denied": nowhere("backend_refused"),
  "s3-unknown-key": nowhere("backend_refused"),
  "s3-bad-signature": nowhere("backend_refused"),
  "s3-expired-token": nowhere("backend_refused"),
  "s3-slow-down": nowhere("backend_unreachable"),
  "s3-no-credentials": nowhere("backend_refused"),
  "s3-refused": nowhere("backend_unreachable"),
  "s3-no-host": nowhere("backend_unreachable"),
  "s3-not-tls": nowhere("backend_unreachable"),

  "canceled-up": at(null, "canceled", true, { sent: ["SIGINT"] }),
  "canceled-destroy": at(null, "canceled", true, { sent: ["SIGINT"] }),
  "canceled-twice": at(null, "canceled", true, { sent: ["SIGINT", "SIGINT"] }),
  terminated: at(null, "killed", true),
  killed: at(null, "out_of_memory", true),
  "killed-by-shell": at(null, "out_of_memory", true),
  "exit-137": at(null, "out_of_memory", true),
  "out-of-memory": nowhere("out_of_memory"),
  "file-too-large": at("b", "disk_full", true),
  "cli-missing": nowhere("cli_missing"),
  "cli-not-executable": nowhere("cli_missing"),
  "cli-unknown-flag": nowhere("cli_mismatch"),

  "plugin-missing": at("account", "provider_missing", false),
  "plugin-no-directory": nowhere("provider_missing"),
  "plugin-no-file": at("account", "provider_missing", false),
  "plugin-not-executable": at("account", "provider_missing", false),
  "plugin-exits": at("account", "provider_missing", false),
  "plugin-no-port": at("account", "provider_missing", false),
  "plugin-no-interpreter": at("account", "provider_missing", false),
  "plugin-download-fails": at("account", "provider_missing", false),
  "plugin-dies-before": at("b", "provider_died", true),
  "plugin-dies-after": at("b", "provider_died", true),

  "program-throws": nowhere("program_error"),
  "program-rejects": nowhere("program_error"),
  "program-input": nowhere("program_error"),
  "program-constructor": nowhere("program_error"),
  "program-unknown-reference": nowhere("program_error"),
  "urn-twice": at("a", "program_error", false),
  "gate-refuses": nowhere("preview_stale"),
  "plan-violated": at("b", "preview_stale", false),
  "protected-destroy": at("a", "protected", true),
  "protected-replace": at("a", "protected", false),

  "wrong-passphrase": nowhere("passphrase_wrong"),
  "no-passphrase": nowhere("passphrase_wrong"),
  "salt-lost-wrong-passphrase": nowhere("passphrase_wrong"),
  "unknown-secrets-provider": nowhere("secrets_key_unavailable"),
  "key-without-credentials": nowhere("secrets_key_unavailable"),
  "key-access-denied": nowhere("secrets_key_unavailable"),
  "key-not-found": nowhere("secrets_key_unavailable"),
  "key-disabled": nowhere("secrets_key_unavailable"),
  "key-expired-token": nowhere("secrets_key_unavailable"),
  "key-unrecognized-client": nowhere("secrets_key_unavailable"),

  "lock-held": nowhere("lock_held"),
  "no-such-stack": nowhere("stack_missing"),
  "pending-up": at(null, "pending_operations", true),
  "checkpoint-truncated": nowhere("checkpoint_damaged"),
  "checkpoint-not-json": nowhere("checkpoint_damaged"),
  "checkpoint-empty-file": nowhere("checkpoint_damaged"),
  "checkpoint-newer": nowhere("checkpoint_newer"),
  "checkpoint-broken-reference": nowhere("checkpoint_damaged"),

  "provider-expired-token": nowhere("credentials_invalid"),
  "provider-no-credentials": at("account", "credentials_invalid", false),
  "provider-role-denied": at("account", "access_denied", false),
  "assignment-failed": at("assignment", "wait_timed_out", true),
  "assignment-rate-limited": at("assignment", "throttled", true),
  "assignment-conflict": at("assignment", "conflict", true),
  "snapshot-expired-token": at("a", "backend_refused", true),
  "checkpoint-expired-token": nowhere("backend_refused"),
  "checkpoint-gone": nowhere("checkpoint_damaged"),
  "key-no-credentials-cloud": nowhere("secrets_key_unavailable"),
};
