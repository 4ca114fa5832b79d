import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { environmentStack, foundationStack, pulumiProject, pulumiStackName } from "../../service/domain/stacks.ts";
import { checkStack, parseRecordedProgram, stackOf } from "../../stacks/recorded-program.ts";
import type { RecordedProgram } from "../../stacks/recorded-program.ts";
import { account, foundationArguments, region } from "./foundation/run-foundation.ts";

const foundation: RecordedProgram = { program: "foundation", arguments: foundationArguments() };
const environment: RecordedProgram = {
  program: "environment",
  arguments: {
    name: "production",
    tag: { key: "project", value: "Production" },
    identityCenter: { account, region, roleArn: null },
    group: { name: "ProductionAccess", description: "", source: "external", importId: null },
    members: [],
    permissionSet: {
      name: "ProductionPermissionSet",
      description: null,
      sessionDuration: "PT1H",
      relayState: null,
      tags: {},
      importId: null,
    },
    policyProfile: "hardened",
    sessionDocuments: ["shell"],
    targets: [
      {
        access: { account, region, roleArn: null },
        foundation: {
          bucketName: "session-manager-log-bucket123",
          archiveKeyArn: `arn:aws:kms:${region}:${account}:key/archive`,
          nodeRoleName: "GatehouseNodeRole",
          idleTimeoutMinutes: 20,
          maxSessionMinutes: null,
        },
        logGroupImportId: null,
        keyImportId: null,
      },
    ],
    logging: { cloudWatch: { retentionDays: 365 }, s3: { keyPrefix: "production/" } },
    onPremises: null,
    extraStatements: [],
  },
};

describe("a recorded program", () => {
  it.each([foundation, environment])("reads back as it was written: $program", (recorded) => {
    expect(parseRecordedProgram(JSON.stringify(recorded), "arguments.json")).toEqual(recorded);
  });

  it.each([
    ["not JSON", "{", /arguments\.json is not JSON/],
    ["no object", "[]", /holds no program that can run/],
    ["an unknown program", `{"program":"backup","arguments":{}}`, /at program/],
    ["no arguments", `{"program":"foundation"}`, /at arguments/],
    ["something beside them", JSON.stringify({ ...foundation, stack: "x" }), /"stack"/],
    [
      "a wrong argument",
      JSON.stringify({ ...foundation, arguments: { ...foundationArguments(), ownsAccount: "yes" } }),
      /at arguments\.ownsAccount/,
    ],
  ])("is refused with the place and the remedy when it is %s", (_what, text, message) => {
    const read = () => parseRecordedProgram(text, "arguments.json");
    expect(read).toThrow(message);
    expect(read).toThrow("docs/break-glass.md");
  });

  it("belongs to the stack that the service gives it", () => {
    expect(stackOf(environment)).toBe(pulumiStackName(environmentStack("production")));
    expect(stackOf(foundation)).toBe(pulumiStackName(foundationStack(account, region)));
  });

  it("never runs on another stack, where Pulumi would delete what it does not name", () => {
    expect(() => checkStack(environment, "environment.production")).not.toThrow();
    expect(() => checkStack(environment, "environment.development")).toThrow(
      "pulumi stack select environment.production",
    );
  });
});

describe("Pulumi.yaml", () => {
  it("runs the entry in the service's project, with Node's own TypeScript and settings out of the repository", async () => {
    const project: unknown = parse(await readFile("Pulumi.yaml", "utf8"));
    expect(project).toMatchObject({
      name: pulumiProject,
      main: "stacks/main.ts",
      stackConfigDir: ".gatehouse/stacks",
      runtime: { name: "nodejs", options: { typescript: false } },
    });
  });
});
