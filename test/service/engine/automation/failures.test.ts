/** What the CLI said, and what it means: the whole corpus, and what holds for any text. */
import fc from "fast-check";
import { failureClasses } from "../../../../service/domain/failure-classes.ts";
import { translateFailure, type FailedRun } from "../../../../service/engine/automation/failures/failures.ts";
import { canary } from "../../../support/cli-failures/scenario.ts";
import { readFixtures, type Fixture } from "../../../support/cli-failures/fixture.ts";
import { expectedFailures } from "./failures-expected.ts";

const fixtures = readFixtures();

const failedRun = ({ told, name }: Fixture): FailedRun => ({
  ...told,
  signalsSent: expectedFailures[name]?.sent ?? [],
  secrets: [],
});

const quiet: FailedRun = {
  exit: { code: 1, signal: null },
  stdout: "",
  stderr: "",
  thrown: null,
  events: [],
  signalsSent: [],
  secrets: [],
};

const diagnostic = (message: string, urn?: string): FailedRun["events"][number] => ({
  diagnosticEvent: { message, severity: "error", color: "never", ...(urn === undefined ? {} : { urn }) },
});

describe("the corpus of failures", () => {
  it("is whole: each fixture has an expectation, and each expectation a fixture", () => {
    expect(fixtures.map(({ name }) => name).sort()).toEqual(Object.keys(expectedFailures).sort());
  });

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))("%s is told for what it is", (name, fixture) => {
    const expected = expectedFailures[name]!;
    const problem = translateFailure(failedRun(fixture));
    expect({
      class: problem.failure,
      code: problem.code,
      at: problem.urn?.split("::").at(-1) ?? null,
    }).toEqual({
      class: expected.class,
      code: expected.code ?? failureClasses[expected.class].code,
      at: expected.at,
    });
    expect(problem.detail).toContain(failureClasses[expected.class].advice);
  });

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))("%s tells no secret", (_name, fixture) => {
    const told = JSON.stringify(translateFailure(failedRun(fixture)));
    for (const secret of [canary, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AKIAIOSFODNN7EXAMPLE"])
      expect(told).not.toContain(secret);
  });

  it("has connection strings with a password in it, so that this means something", () => {
    const leaking = fixtures.filter(({ told }) => JSON.stringify(told).includes(canary));
    expect(leaking.length).toBeGreaterThan(3);
  });
});

describe("a CLI that went away since the service started", () => {
  it.each([
    ["is missing", 127, "sh: 1: exec: /opt/pulumi: not found"],
    ["may not be executed", 126, "sh: 1: exec: /opt/pulumi: Permission denied"],
  ])("is told as that when it %s", (_what, code, stderr) => {
    const problem = translateFailure({ ...quiet, exit: { code, signal: null }, stderr });
    expect(problem).toMatchObject({
      failure: "cli_missing",
      detail: expect.stringContaining("pulumi:install") as string,
    });
  });
});

it("a key service that is not reached is not AWS, and may answer later", () => {
  const stderr =
    'error: could not create secrets manager for new stack: secrets (code=Unknown): Post "https://v.vault.azure.net/keys/k/encrypt": dial tcp: lookup v.vault.azure.net: no such host';
  expect(translateFailure({ ...quiet, stderr })).toMatchObject({
    failure: "secrets_key_unreachable",
    code: "unavailable",
  });
});

it("a connection to the plugin that took a lost one's place is a plugin that died: the run is done again", () => {
  const message = "This connection has no configuration: an earlier one was lost. Run again.";
  const urn = "urn:pulumi:s::p::aws:sns/topic:Topic::x";
  expect(translateFailure({ ...quiet, events: [diagnostic(message, urn)] })).toMatchObject({
    failure: "provider_died",
    code: "interrupted",
  });
});

it("a backend that may only be read refuses the worker", () => {
  const stderr = "error: open /state/.pulumi/locks/organization/gatehouse/a/1.json.1.tmp: read-only file system";
  expect(translateFailure({ ...quiet, stderr }).failure).toBe("backend_refused");
});

describe("a name that is taken", () => {
  const taken = (type: string): string =>
    translateFailure({
      ...quiet,
      events: [diagnostic("ConflictException: Duplicate name, already exists", `urn:pulumi:s::p::${type}::x`)],
    }).detail;

  it.each([
    ["aws:identitystore/group:Group", "group"],
    ["aws:identitystore/user:User", "users"],
    ["aws:ssoadmin/permissionSet:PermissionSet", "permission-set"],
    ["aws:cloudwatch/logGroup:LogGroup", "log-group"],
    ["aws:s3/bucket:Bucket", "bucket"],
    ["aws:ssm/document:Document", "session-preferences"],
  ])("%s says what to write in adopt", (type, entry) => expect(taken(type)).toContain(`"adopt": ["${entry}"]`));

  it("says to rename or remove what cannot be adopted", () =>
    expect(taken("aws:iam/role:Role")).toContain("Rename or remove it"));
});

describe("any text", () => {
  it("is translated without an error, into a detail of a readable length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), fc.array(fc.string()), (text, more, secrets) => {
        const run = { ...quiet, stderr: text, stdout: more, thrown: more, events: [diagnostic(text, more)], secrets };
        const problem = translateFailure(run);
        expect(problem.detail.length).toBeGreaterThan(0);
        expect(problem.detail.length).toBeLessThan(2_000);
      }),
    );
  });

  it("of a held lock becomes its owner, without the CLI's own commands", () => {
    const held = fixtures.find(({ name }) => name === "lock-held")!;
    const { detail } = translateFailure(failedRun(held));
    expect(detail).toContain(
      "The stack is locked by somebody on elsewhere (process 1, since 2026-01-02T03:04:05.000Z). ",
    );
    expect(detail).not.toMatch(/pulumi cancel|file:/);
  });

  it("is told without what AWS's SDK logs beside it", () => {
    const stderr = "SDK 2026/01/02 03:04:05 WARN falling back to IMDSv1\nerror: no stack named 'a' found\n";
    expect(translateFailure({ ...quiet, stderr }).detail).toMatch(/^no stack named 'a' found\. /);
  });

  it("that nobody knows is engine_failed, with an excerpt and where to look", () => {
    const problem = translateFailure({ ...quiet, stderr: "error: the flux compensator is\n\nupset\n" });
    expect(problem).toEqual({
      code: "engine_failed",
      detail: `the flux compensator is upset. ${failureClasses.unknown.advice}`,
      urn: null,
      failure: "unknown",
    });
    expect(translateFailure({ ...quiet, stderr: "x".repeat(100_000) }).detail).toContain("[…]");
  });

  it("without a word is engine_failed too", () =>
    expect(translateFailure(quiet)).toMatchObject({ code: "engine_failed", failure: "unknown" }));
});

/** Texts in which a secret may stand, as the CLI, Go, lib/pq, the AWS SDKs and shells write them. */
const carriers: readonly ((secret: string) => string)[] = [
  (secret) => `error: unable to open bucket postgres://gatehouse:${secret}@db:5432/state: failed to ping`,
  (secret) => `error: unable to open bucket postgres://gatehouse:${encodeURIComponent(secret)}@db/state: refused`,
  (secret) => `parse "postgres://gatehouse:${secret}@db/state": net/url: invalid userinfo`,
  (secret) => `Get "https://user:${secret}@proxy.example:3128/": proxyconnect tcp`,
  (secret) => `PULUMI_CONFIG_PASSPHRASE=${JSON.stringify(secret)}`,
  (secret) => `{"password":${JSON.stringify(secret)}}`,
  (secret) => `exited with ${secret} in its output`,
];

describe("secrets", () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9!$*+,;=@/?#%^&()[\]{}|~-]{8,40}$/);

  it("that the caller knows are told in no form", () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(...carriers), (secret, carrier) => {
        const text = carrier(secret);
        const run = { ...quiet, stderr: text, events: [diagnostic(text)], secrets: [secret] };
        expect(translateFailure(run).detail).not.toContain(secret);
      }),
    );
  });

  it("in connection strings are told even where the caller knows nothing", () => {
    const canaries = fc.stringMatching(/^Canary-[a-z0-9]{12}[@/: ]?[a-z0-9]{4}$/);
    fc.assert(
      fc.property(canaries, (secret) => {
        const text = `error: unable to open bucket postgres://gatehouse:${secret}@db:5432/state: failed to ping`;
        expect(translateFailure({ ...quiet, stderr: text }).detail).not.toContain(secret.slice(0, 19));
        expect(translateFailure({ ...quiet, stderr: text }).detail).not.toContain(secret.slice(-4) + "@");
      }),
    );
  });

  it("that are a connection string take its password with them", () => {
    const secrets = ["postgres://gatehouse:p%40ss-w0rd@db/state"];
    const { detail } = translateFailure({ ...quiet, stderr: "pq: p@ss-w0rd was refused", secrets });
    expect(detail).toContain("pq: [secret] was refused");
  });

  it.each([
    ["an access key", "AKIAIOSFODNN7EXAMPLE"],
    ["a temporary access key", "ASIAIOSFODNN7EXAMPLE"],
    ["a secret key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ["a Pulumi token", "pul-0123456789abcdef0123456789abcdef01234567"],
    ["a bearer token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["a session token", `IQoJb3JpZ2luX2VjE${"aB3/".repeat(30)}==`],
  ])("of a known shape go: %s", (_what, secret) =>
    expect(translateFailure({ ...quiet, stderr: `error: strange ${secret} here` }).detail).not.toContain(
      secret.slice(0, 16),
    ),
  );

  it("leave AWS's own words alone", () => {
    const text = "api error ExpiredToken: The security token included in the request is expired";
    expect(translateFailure({ ...quiet, stderr: text }).detail).toContain(text);
  });
});
