/** Whoever asked for a run is told what a place is, and not where it is. */
import { fileURLToPath } from "node:url";
import { createPlaceMask } from "../../../../service/engine/automation/places.ts";
import { idleResult } from "../../../../service/engine/automation/run/run-result.ts";

const settings = {
  backend: { url: "file:///srv/gatehouse/pulumi/state", secretsProvider: "passphrase", passphrase: null },
  cli: { path: "/opt/pulumi/bin/pulumi", version: "3.257.0" },
  plugin: { path: "/opt/plugins/aws", version: "7.48.0", environment: {}, secrets: [] },
  home: "/srv/gatehouse/pulumi/home",
  runs: "/srv/gatehouse/pulumi/runs",
};
const mask = createPlaceMask(settings);
const project = fileURLToPath(new URL("../../../../", import.meta.url));

describe("a path of this machine", () => {
  it.each([
    [
      "write /srv/gatehouse/pulumi/state/.pulumi/stacks/a.json.18.tmp: no space left on device",
      "write [state backend]/.pulumi/stacks/a.json.18.tmp: no space left on device",
    ],
    ["unable to open bucket file:///srv/gatehouse/pulumi/state: gone", "unable to open bucket [state backend]: gone"],
    ["open /srv/gatehouse/pulumi/runs/run-a/Pulumi.yaml", "open [work directories]/run-a/Pulumi.yaml"],
    ["mkdir /srv/gatehouse/pulumi/home/logs: read-only", "mkdir [Pulumi's home]/logs: read-only"],
    ["open /srv/gatehouse/pulumi", "open [data directory]"],
    [
      "fork/exec /opt/plugins/aws/pulumi-resource-aws: permission denied",
      "fork/exec [plugin]/pulumi-resource-aws: permission denied",
    ],
    ["spawn /opt/pulumi/bin/pulumi EACCES", "spawn [Pulumi CLI] EACCES"],
    [`Cannot find module '${project}stacks/programs.ts'`, "Cannot find module '[Gatehouse]/stacks/programs.ts'"],
    ["open /srv/gatehouse/pulumi/state-2/x", "open [data directory]/state-2/x"],
  ])("is told by what it is: %s", (said, told) => expect(mask.text(said)).toBe(told));

  it.each([
    "/gatehouse/sessions/production",
    "arn:aws:iam::111122223333:policy/srv/gatehouse",
    "/v1/operations/1",
    "s3://bucket/state",
  ])("is not taken for one: %s", (said) => expect(mask.text(said)).toBe(said));

  it("is masked in all that a run tells in words", () => {
    const said = `at ${settings.runs}/x`;
    const told = "at [work directories]/x";
    const diagnostic = { urn: null, severity: "error" as const, message: said };
    const step = { op: "create" as const, urn: "urn", type: "type", name: "name", diff: [] };
    expect(mask.event({ type: "diagnostic", diagnostic })).toMatchObject({ diagnostic: { message: told } });
    expect(mask.event({ type: "resource.failed", step, message: said })).toMatchObject({ message: told });
    const result = idleResult(
      { code: "engine_failed", detail: said, urn: null, cause: said },
      { resources: [], outputs: {} },
    );
    expect(mask.result({ ...result, diagnostics: [diagnostic] })).toMatchObject({
      diagnostics: [{ message: told }],
      problem: { detail: told, cause: told },
    });
  });

  it("is none in a backend that is no directory", () => {
    const remote = createPlaceMask({ ...settings, backend: { ...settings.backend, url: "s3://bucket/state" } });
    expect(remote.text("open s3://bucket/state")).toBe("open s3://bucket/state");
  });
});
