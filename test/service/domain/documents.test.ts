import fc from "../../support/properties.ts";
import { z } from "zod";
import { environmentDocument, environmentRequest } from "../../../service/domain/environment-document.ts";
import { foundationDocument, foundationRequest } from "../../../service/domain/foundation-document.ts";
import { parseDocument } from "../../../service/domain/parse.ts";
import { policyStatement } from "../../../stacks/arguments.ts";
import {
  anyEnvironment,
  anyFoundation,
  environmentDocumentOf,
  environmentInputOf,
  foundationDocumentOf,
  testTarget,
} from "../../support/documents.ts";

describe("an environment document", () => {
  it("gets every default from its name, its tag and the guide", () => {
    expect(
      environmentDocument.parse({
        name: "production",
        tag: { key: "project", value: "Production" },
        targets: [testTarget],
      }),
    ).toEqual({
      name: "production",
      team: "default",
      description: "",
      tag: { key: "project", value: "Production" },
      group: {
        name: "ProductionAccess",
        description: "This user group can manage all production servers",
        source: "identity-center",
        members: [],
      },
      permissionSet: {
        name: "ProductionPermissionSet",
        description: "Permission set to access Session Manager limited to all instances with project tag = Production",
        sessionDuration: "PT1H",
        relayState: null,
        tags: { Name: "ProductionAccess" },
      },
      policyProfile: "hardened",
      sessionDocuments: ["shell"],
      targets: [testTarget],
      logging: { cloudWatch: { retentionDays: 365 }, s3: { keyPrefix: "production/" } },
      onPremises: null,
      adopt: [],
      adoptChanges: [],
      protected: false,
      sharedTag: false,
      extraStatements: [],
    });
  });

  it.each([
    ["my-team", "MyTeamAccess", "MyTeamPermissionSet"],
    ["a1", "A1Access", "A1PermissionSet"],
    ["web--eu", "WebEuAccess", "WebEuPermissionSet"],
  ])("names group and permission set of %s", (name, group, permissionSet) => {
    const document = environmentDocumentOf({ name });
    expect(document.group.name).toBe(group);
    expect(document.permissionSet.name).toBe(permissionSet);
  });

  it("tags the permission set with the group's name as given", () => {
    expect(environmentDocumentOf({ group: { name: "Operators" } }).permissionSet.tags).toEqual({ Name: "Operators" });
  });

  it("makes the activation in the only target, for two weeks and ten servers", () => {
    expect(environmentDocumentOf({ onPremises: { acknowledgeCharges: true } }).onPremises).toEqual({
      target: testTarget,
      acknowledgeCharges: true,
      tier: null,
      registrationLimit: 10,
      expiresIn: "P14D",
    });
  });

  it("keeps a person who is only named without details", () => {
    expect(environmentDocumentOf({ group: { members: [{ userName: "ann" }] } }).group.members).toEqual([
      { userName: "ann", email: null, givenName: null, familyName: null, onRemoval: "retain" },
    ]);
  });

  it("takes fifty targets", () => {
    const targets = Array.from({ length: 50 }, (_, index) => ({
      account: String(100_000_000_000 + index),
      region: testTarget.region,
    }));
    expect(environmentDocumentOf({ targets }).targets).toHaveLength(50);
  });

  it.each([
    [
      "right-to-left and emoji group name, as the identity store does",
      { group: { name: "צוות 😀" }, permissionSet: { tags: {} } },
    ],
    [
      "names of people in any script",
      {
        group: { members: [{ userName: "名前", email: "a@example.com", givenName: "עברית", familyName: "O'Neil-Åß" }] },
      },
    ],
    ["a tag value of accented Latin letters", { tag: { key: "projet", value: "Qualité" } }],
    ["an emoji in our own description", { description: "Payments 💳 / דחוף" }],
    ["one account in two regions", { targets: [testTarget, { ...testTarget, region: "eu-west-1" as const }] }],
    ["an external group that has no members", { group: { source: "external" as const } }],
    [
      "a statement with NotAction and NotResource",
      {
        extraStatements: [
          {
            Effect: "Deny" as const,
            NotAction: ["ssm:*"],
            NotResource: "*",
            Condition: { "ForAnyValue:StringLikeIfExists": { "aws:TagKeys": ["a", "b"] } },
          },
        ],
      },
    ],
  ])("takes %s", (_, changes) => {
    const result = parseDocument(environmentDocument, environmentInputOf(changes));
    expect(result.ok ? [] : result.errors).toEqual([]);
  });

  it("is accepted whenever it is within the limits, and gives itself again", () => {
    fc.assert(
      fc.property(anyEnvironment, (input) => {
        const first = parseDocument(environmentDocument, input);
        expect(first).toMatchObject({ ok: true });
        const value = first.ok ? first.value : null;
        expect(parseDocument(environmentDocument, value)).toEqual({ ok: true, value });
        // What is stored and read back as JSON is the same document too.
        expect(parseDocument(environmentDocument, JSON.parse(JSON.stringify(value)))).toEqual({ ok: true, value });
      }),
    );
  });

  it("holds statements that the program takes", () => {
    fc.assert(
      fc.property(anyEnvironment, (input) => {
        const { extraStatements } = environmentDocument.parse(input);
        expect(z.array(policyStatement).parse(extraStatements)).toEqual(extraStatements);
      }),
    );
  });
});

describe("a foundation document", () => {
  it("gets every default from its account and region and the guide", () => {
    expect(foundationDocumentOf()).toEqual({
      ...testTarget,
      hostManagement: { mode: "quick-setup", targets: "all" },
      sessionPreferences: { idleTimeoutMinutes: 20, maxSessionMinutes: null },
      logArchive: {
        logGroupName: "SessionManagerLogGroup",
        bucketName: "gatehouse-session-logs-111122223333-ap-southeast-1",
        retentionDays: 365,
      },
      notifications: null,
      activationTier: "none",
      acknowledgeCharges: false,
      adopt: [],
      adoptChanges: [],
    });
  });

  it("tells nobody by itself, but makes a trail for whoever is told", () => {
    expect(foundationDocumentOf({ notifications: { emails: ["security@example.com"] } }).notifications).toEqual({
      emails: ["security@example.com"],
      trail: null,
    });
  });

  it.each([1, 999, 1000, 1039, 1100, 1139, 1239, 1339, 1400, 1439, 1440, null])(
    "takes %p minutes as the longest session",
    (maxSessionMinutes) => {
      expect(
        foundationDocumentOf({ sessionPreferences: { maxSessionMinutes } }).sessionPreferences.maxSessionMinutes,
      ).toBe(maxSessionMinutes);
    },
  );

  it("is accepted whenever it is within the limits, and gives itself again", () => {
    fc.assert(
      fc.property(anyFoundation, (input) => {
        const first = parseDocument(foundationDocument, input);
        expect(first).toMatchObject({ ok: true });
        const value = first.ok ? first.value : null;
        expect(parseDocument(foundationDocument, value)).toEqual({ ok: true, value });
      }),
    );
  });
});

describe("a request", () => {
  it("previews unless told to go on", () => {
    expect(environmentRequest.parse({ environment: environmentInputOf() })).toMatchObject({
      action: "preview",
      refresh: false,
      onBehalfOf: null,
    });
  });

  it.each([
    ["EnvironmentRequest", environmentRequest],
    ["FoundationRequest", foundationRequest],
  ])("%s can be said in JSON Schema, with a description of every field", (id, schema) => {
    const jsonSchema: unknown = z.toJSONSchema(schema, { io: "input" });
    expect(jsonSchema).toMatchObject({ $ref: `#/$defs/${id}` });
    const undescribed: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === "properties") {
          for (const [field, definition] of Object.entries(
            inner as Record<string, { description?: string; $ref?: string }>,
          )) {
            if (definition.description === undefined && definition.$ref === undefined)
              undescribed.push(`${path}/${field}`);
          }
        }
        visit(inner, `${path}/${key}`);
      }
    };
    visit(jsonSchema, "");
    expect(undescribed).toEqual([]);
  });
});
