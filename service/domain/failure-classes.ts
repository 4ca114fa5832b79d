/**
 * What can go wrong in a run, whichever engine it is: each class with its code of the contract, whether the same run may
 * succeed later without anybody doing anything, and what to do. docs/failures.md is the same for people.
 */
import type { ProblemCode } from "./errors.ts";

interface FailureKind {
  /** `interrupted` is the port's own: the run may simply be run again. */
  code: ProblemCode | "interrupted";
  /** Whether the same run, later and unchanged, may succeed. Says nothing of what it left behind. */
  retryable: boolean;
  /** What to do, in whole sentences. */
  advice: string;
}

export const failureClasses = {
  /* What is known of the run itself */
  canceled: {
    code: "canceled",
    retryable: false,
    advice: "It was told to stop. Post the request again to go on from here.",
  },
  preview_stale: {
    code: "preview_stale",
    retryable: false,
    advice: "What would be done is not what was approved any more, so nothing more was applied. Preview again.",
  },
  killed: {
    code: "interrupted",
    retryable: true,
    advice: "Something outside Gatehouse ended the Pulumi CLI. The operation can be run again.",
  },
  out_of_memory: {
    code: "interrupted",
    retryable: true,
    advice:
      "The Pulumi CLI was ended for want of memory, or killed by the system, which most often means the same. Look at the kernel's log; give the worker more memory or fewer runs at a time.",
  },

  /* AWS's answers */
  access_denied: {
    code: "access_denied",
    retryable: false,
    advice:
      "Allow that action to the role that Gatehouse uses in this account, and see that no service control policy denies it. Then post the request again.",
  },
  credentials_invalid: {
    code: "credentials_invalid",
    retryable: false,
    advice:
      "AWS does not take the credentials of this process: they are missing, expired or not known. Renew them (or the role's trust policy), and post the request again.",
  },
  throttled: {
    code: "throttled",
    retryable: true,
    advice: "AWS asks for fewer calls. The same will go through later.",
  },
  conflict: {
    code: "resource_failed",
    retryable: true,
    advice: "AWS was still busy with an earlier change of the same thing. The same will go through later.",
  },
  aws_unavailable: {
    code: "aws_unreachable",
    retryable: true,
    advice: "AWS itself failed. The same may go through later; the AWS Health Dashboard says whether it is known.",
  },
  wait_timed_out: {
    code: "resource_failed",
    retryable: true,
    advice:
      "AWS took the change and did not finish it in time. Run it again: what has finished since is taken as it is.",
  },
  already_exists: {
    code: "name_taken",
    retryable: false,
    advice: "Something of that name exists already in the account, and Gatehouse did not make it.",
  },
  import_differs: {
    code: "adoption_differs",
    retryable: false,
    advice:
      "What is to be taken over differs from the document in something that only a new resource can have. Change the document to what exists, or choose another name.",
  },
  not_found: {
    code: "resource_failed",
    retryable: false,
    advice:
      "Something that this refers to does not exist (any more). See whether it was removed outside Gatehouse; a refresh shows what else is gone.",
  },
  still_in_use: {
    code: "resource_failed",
    retryable: false,
    advice: "Something outside this stack still uses it. Take that away first, and post the request again.",
  },
  quota_exceeded: {
    code: "resource_failed",
    retryable: false,
    advice: "The account has as many of these as its quota allows. Raise it in Service Quotas, or remove some.",
  },
  invalid_input: {
    code: "resource_failed",
    retryable: false,
    advice: "AWS does not take this value. Change it in the document.",
  },
  resource_error: {
    code: "resource_failed",
    retryable: false,
    advice: "The answer says what AWS did not like; what was done before it stays and is listed.",
  },
  protected: {
    code: "resource_failed",
    retryable: false,
    advice: "The resource is protected, so it is neither replaced nor deleted. Bring it up without protection first.",
  },
  network: {
    code: "aws_unreachable",
    retryable: true,
    advice:
      "An address could not be reached: its name, the network, a proxy or its certificate. See that this worker reaches it; the same may go through later.",
  },

  /* The program and its plugins */
  program_error: {
    code: "program_failed",
    retryable: false,
    advice: "The program of the stack failed before AWS was asked for this. If the document is right, it is a bug.",
  },
  provider_missing: {
    code: "engine_failed",
    retryable: false,
    advice:
      "The resource plugin is not there or does not start. Install the plugin of the pinned version (docs/pulumi-cli.md), and see that this worker may execute it.",
  },
  provider_died: {
    code: "interrupted",
    retryable: true,
    advice:
      "The resource plugin died. What it was doing may have happened; that is looked up before anything else is done.",
  },
  cli_missing: {
    code: "engine_failed",
    retryable: false,
    advice: "The Pulumi CLI does not start. Run: npm run pulumi:install, and start the service again.",
  },
  cli_mismatch: {
    code: "engine_failed",
    retryable: false,
    advice: "The Pulumi CLI does not know what it was told, so it is of another version. Run: npm run pulumi:install.",
  },

  /* The state, and the secrets in it */
  lock_held: {
    code: "stack_locked",
    retryable: true,
    advice:
      "If one is on its way, wait for it to end. If none is left, an operator makes sure of that and takes the lock away, as docs/recovery.md says.",
  },
  pending_operations: {
    code: "recovery_required",
    retryable: false,
    advice:
      'An earlier run was cut short in the middle of a write. Recover the stack first, with { "resolution": "refresh" }.',
  },
  checkpoint_damaged: {
    code: "engine_failed",
    retryable: false,
    advice:
      "The state of this stack cannot be read. Put the last good one back: the backend's versioning, or the file's .bak beside it. This run applied nothing.",
  },
  checkpoint_lost: {
    code: "engine_failed",
    retryable: false,
    advice:
      "See that PULUMI_BACKEND_URL is the one that it was made with, and put the last good state back: the backend's versioning, or the file's .bak beside it. This run applied nothing. If it is lost for good, or all of it was taken away by hand, see docs/recovery.md.",
  },
  checkpoint_of_others: {
    code: "engine_failed",
    retryable: false,
    advice:
      "Another Gatehouse may work on this backend: give each a PULUMI_BACKEND_URL of its own. This run applied nothing. If this service's database is an older one, or was lost, see docs/recovery.md.",
  },
  checkpoint_newer: {
    code: "engine_failed",
    retryable: false,
    advice: "A newer Pulumi CLI wrote the state of this stack. Upgrade the CLI of all workers to that version.",
  },
  stack_missing: {
    code: "engine_failed",
    retryable: false,
    advice:
      "The backend does not hold this stack. See that PULUMI_BACKEND_URL is the one that it was made with, and that nobody removed it.",
  },
  passphrase_wrong: {
    code: "engine_failed",
    retryable: false,
    advice:
      "PULUMI_CONFIG_PASSPHRASE is missing or not the one that this stack was made with. Start the workers with that one.",
  },
  secrets_key_unavailable: {
    code: "engine_failed",
    retryable: false,
    advice:
      "The key of GATEHOUSE_SECRETS_PROVIDER cannot be used. See that it is named rightly, exists, is enabled, and that this worker may encrypt and decrypt with it.",
  },
  secrets_key_unreachable: {
    code: "unavailable",
    retryable: true,
    advice:
      "The key service of GATEHOUSE_SECRETS_PROVIDER does not answer. See that it is named rightly and that this worker reaches it; the same may go through later.",
  },
  backend_missing: {
    code: "engine_failed",
    retryable: false,
    advice: "The directory, bucket or database that PULUMI_BACKEND_URL names does not exist. Make it, or name another.",
  },
  backend_region: {
    code: "engine_failed",
    retryable: false,
    advice:
      "Nothing says in which region the bucket of the state is: add ?region=… to PULUMI_BACKEND_URL, or set AWS_REGION.",
  },
  backend_refused: {
    code: "engine_failed",
    retryable: false,
    advice:
      "The state's backend refuses this worker. See to its credentials for PULUMI_BACKEND_URL and what they allow.",
  },
  backend_login: {
    code: "engine_failed",
    retryable: false,
    advice:
      "Pulumi Cloud does not take PULUMI_ACCESS_TOKEN, or it is not set. An address in PULUMI_BACKEND_URL that the CLI does not know is taken for Pulumi Cloud's, so look at that first.",
  },
  backend_unreachable: {
    code: "unavailable",
    retryable: true,
    advice:
      "The state's backend (PULUMI_BACKEND_URL) does not answer. See that this worker reaches it; the same may go through later.",
  },
  disk_full: {
    code: "engine_failed",
    retryable: false,
    advice:
      "There was no room to write. Make room on the disk of this worker or of the state's backend, and run it again.",
  },

  unknown: {
    code: "engine_failed",
    retryable: false,
    advice:
      "Gatehouse does not know this failure. The operation's events may have more, and so has, for a day, the CLI's own log: pulumi/home/logs in the worker's data directory.",
  },
} as const satisfies Record<string, FailureKind>;

export type FailureClass = keyof typeof failureClasses;

/** Names of what `adopt` takes over, by resource type. */
const adoptable: Readonly<Record<string, string>> = {
  "aws:identitystore/group:Group": "group",
  "aws:identitystore/user:User": "users",
  "aws:ssoadmin/permissionSet:PermissionSet": "permission-set",
  "aws:cloudwatch/logGroup:LogGroup": "log-group",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:ssm/document:Document": "session-preferences",
};

/**
 * What to do about a failure of a class: its advice, and for a name that is taken what to write in `adopt`.
 *
 * @param type token of the resource that failed; `null` when none did
 */
export const adviceOn = (failure: FailureClass, type: string | null): string => {
  const { advice } = failureClasses[failure];
  if (failure !== "already_exists") return advice;
  const entry = type === null ? undefined : adoptable[type];
  return entry === undefined
    ? `${advice} Rename or remove it, and post the request again.`
    : `${advice} To take it over, write "adopt": ["${entry}"] in the request; else choose another name.`;
};

/** `aws:sns/topic:Topic` of `urn:pulumi:stack::project::parent$aws:sns/topic:Topic::name`. */
export const typeOfUrn = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
