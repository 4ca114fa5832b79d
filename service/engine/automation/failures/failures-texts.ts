/**
 * What the CLI and its plugins say, by what it means. Each text was provoked with CLI 3.257.0 or is quoted from where it was
 * met (test/fixtures/cli-failures/); in this order, since some texts quote others.
 */
import { quotedRefusal, refusalClass } from "../../../cloud/aws-refusals.ts";
import type { FailureClass } from "../../../domain/failure-classes.ts";

/** Whom the CLI was talking to when it failed: the same words of the network mean something else in each place. */
type Place = "backend" | "cloud" | "secrets" | "aws";

const places: readonly (readonly [Place, RegExp])[] = [
  ["secrets", /secrets manager|secrets \(code=|secrets provider|failed to decrypt/i],
  [
    "backend",
    /\bpq: |unable to open bucket|blob \(|could not list bucket|failed to save snapshot|\.pulumi\/(meta|stacks|locks)/i,
  ],
  [
    "cloud",
    /\/api\/(user|stacks|capabilities)|PULUMI_ACCESS_TOKEN|^\[\d{3}\] |Unauthorized: No credentials provided/im,
  ],
];

const placeOf = (text: string): Place => places.find(([, pattern]) => pattern.test(text))?.[0] ?? "aws";

type Rule = readonly [FailureClass, RegExp];

/** Plain to see, wherever they come from. */
const certain: readonly Rule[] = [
  [
    "preview_stale",
    /\bpreview_stale\b|violates plan|is not allowed by the plan|was expected by the plan|plan mismatch/i,
  ],
  ["lock_held", /the stack is currently locked by|\[409\] Conflict: Another update is currently in progress/i],
  ["pending_operations", /pending operations? from previous deployment|has \d+ resource\(s\) with pending operations/i],
  ["disk_full", /no space left on device|file too large|disk quota exceeded|ENOSPC\b|could not extend file/i],
  [
    "out_of_memory",
    /fatal error: (runtime: )?(out of memory|cannot allocate memory|failed to reserve)|runtime: cannot allocate|runtime\/cgo: pthread_create failed|failed to create new OS thread|JavaScript heap out of memory|cannot allocate memory|ENOMEM\b|resource temporarily unavailable|too many open files|signal: killed$/im,
  ],
  ["passphrase_wrong", /incorrect passphrase|passphrase must be set with|no passphrase/i],
  ["secrets_key_unavailable", /unknown secrets provider type|no secrets provider|unknown secrets manager/i],
  [
    "checkpoint_newer",
    /unsupported (checkpoint|deployment) version|newer version of the Pulumi CLI|DeploymentSchemaVersionTooNew|unsupported feature/i,
  ],
  [
    "checkpoint_damaged",
    /failed to load checkpoint|snapshot integrity error|could not deserialize (deployment|checkpoint)|snapshot integrity failure/i,
  ],
  ["stack_missing", /no stack named .* found/i],
  ["backend_login", /PULUMI_ACCESS_TOKEN must be set|invalid access token|Unauthorized: No credentials provided/i],
  ["cli_mismatch", /unknown (shorthand )?flag:|unknown command "/i],
  ["protected", /because it is protected|currently marked for protection|is protected, so it cannot/i],
  [
    "import_differs",
    /previously-imported resources that still specify an ID may not be replaced|inputs to import do not match/i,
  ],
  ["program_error", /^Duplicate resource URN |must use an explicit provider/m],
  [
    "provider_missing",
    /no resource plugin '|failed to load plugin|could not read plugin|wrote an invalid port to stdout|wrote a non-numeric port|parsing plugin options for|fork\/exec |Could not automatically download and install|failed to download plugin|incompatible provider protocol|plugin not found/i,
  ],
  [
    "provider_died",
    /error reading from server: (EOF|.*connection reset)|transport is closing|code = Unavailable desc = (error reading|connection error|transport)|exited prematurely|This connection has no configuration/i,
  ],
  ["not_found", /^(Preview failed: )?resource '.*' does not exist/im],
  ["invalid_input", /resource '[^']*'( \([^)]*\))?: property .* has a problem:|has a problem: /i],
  ["canceled", /^(update|preview|refresh|destroy) cancell?ed$/im],
];

/** How the network fails, in the words of Go, Node and lib/pq. */
const unreachable =
  /connection refused|no such host|server misbehaving|network is unreachable|no route to host|i\/o timeout|connection reset by peer|connection timed out|TLS handshake|x509:|tls: |server gave HTTP response to HTTPS client|context deadline exceeded|Client\.Timeout|proxyconnect|unexpected EOF|broken pipe|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN/i;

const missingCredentials =
  /no EC2 IMDS role found|No valid credential sources|failed to refresh cached credentials|failed to retrieve credentials|get credentials:|unable to validate AWS credentials|could not find default credentials|NoCredentialProviders|cannot assume role|sts:AssumeRole|operation error STS: AssumeRole/i;

/** What a cause means in each place; for AWS itself the cause's own class. */
const meanings: Readonly<Record<Exclude<Place, "aws">, readonly Rule[]>> = {
  secrets: [
    ["throttled", /ThrottlingException|code=ResourceExhausted/],
    ["secrets_key_unreachable", unreachable],
    ["secrets_key_unavailable", /./],
  ],
  backend: [
    ["backend_region", /Invalid region: region was not a valid DNS name|MissingRegion|failed to find region/i],
    ["backend_refused", missingCredentials],
    [
      "backend_refused",
      /password authentication failed|no pg_hba\.conf entry|permission denied|read-only file system|\((28P01|28000|42501)\)|code=PermissionDenied|InvalidAuthorization/i,
    ],
    [
      "backend_missing",
      /no such file or directory|is not a directory|database ".*" does not exist|code=NotFound|NoSuchBucket/i,
    ],
    ["backend_unreachable", unreachable],
    [
      "backend_unreachable",
      /too many clients|remaining connection slots|terminating connection due to|canceling statement due to|read-only transaction|the database system is|\((53300|57P0[123])\)|SlowDown|\b50[0-4]\b/i,
    ],
  ],
  cloud: [
    ["backend_refused", /\[403\]|Forbidden/i],
    ["backend_unreachable", unreachable],
    ["backend_unreachable", /\[(429|5\d\d)\]/],
  ],
};

/** AWS's codes about an object of the backend are about the backend. */
const inBackend: Partial<Record<FailureClass, FailureClass>> = {
  access_denied: "backend_refused",
  credentials_invalid: "backend_refused",
  not_found: "backend_missing",
  throttled: "backend_unreachable",
  aws_unavailable: "backend_unreachable",
};

/** What only AWS's provider says. */
const ofProvider: readonly Rule[] = [
  // The SDK's own limiter gave up (hashicorp/terraform-provider-aws#35646).
  ["throttled", /retry quota exceeded|failed to get rate limit token/i],
  [
    "wait_timed_out",
    /timeout while waiting for|waiting for .* timeout|^waiting for [^\n]*: context deadline exceeded|unexpected state 'FAILED'|exceeded max wait time/im,
  ],
  // The account that the provider was told to keep to is not the one that the credentials lead to.
  ["credentials_invalid", /AWS account ID not allowed/i],
  ["credentials_invalid", missingCredentials],
];

const firstOf = (rules: readonly Rule[], text: string): FailureClass | null =>
  rules.find(([, pattern]) => pattern.test(text))?.[0] ?? null;

/** What AWS refused, where the text quotes a code of AWS. */
const refusalIn = (text: string): FailureClass | null => {
  const refusal = quotedRefusal(text);
  return refusal === null ? null : refusalClass(refusal.code, refusal.message);
};

const meaningOfAws = (text: string): FailureClass | null => {
  const refusal = refusalIn(text);
  const said = firstOf(ofProvider, text);
  // A role that may not be assumed is a refusal, and mended there: the code says more.
  if (refusal !== null) return refusal;
  if (said !== null) return said;
  if (unreachable.test(text)) return "network";
  if (/StatusCode: 5\d\d\b/.test(text)) return "aws_unavailable";
  return /operation error |error response|https response error/i.test(text) ? "resource_error" : null;
};

/** What a text means; `null` when nothing in it is known. */
export const meaningOf = (text: string): FailureClass | null => {
  const place = placeOf(text);
  const plain = firstOf(certain, text);
  // A checkpoint that could not be fetched is as good as ever; one that is not there is not.
  if (plain !== null && !(plain === "checkpoint_damaged" && place === "backend")) return plain;
  if (place === "aws") return meaningOfAws(text);
  const refusal = place === "backend" ? refusalIn(text) : null;
  const translated = refusal === null ? undefined : inBackend[refusal];
  const meaning = translated ?? firstOf(meanings[place], text);
  return plain !== null && (meaning === null || meaning === "backend_missing") ? plain : meaning;
};
