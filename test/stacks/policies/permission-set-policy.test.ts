import { readFileSync } from "node:fs";
import fc from "../../support/properties.ts";
import type { PolicyStatement } from "../../../stacks/arguments.ts";
import { permissionSetPolicy } from "../../../stacks/policies/permission-set-policy.ts";
import { policyBytesLimit, policySize, policySizeLimit } from "../../../stacks/policies/policy-size.ts";
import type { PolicySubject } from "../../../stacks/policies/policy-scope.ts";
import { production } from "./subjects.ts";

const statement = (subject: PolicySubject, sid: string): PolicyStatement => {
  const found = permissionSetPolicy(subject).Statement.find(({ Sid }) => Sid === sid);
  if (found === undefined) throw new Error(`No statement ${sid}`);
  return found;
};
const sids = (subject: PolicySubject) => permissionSetPolicy(subject).Statement.map(({ Sid }) => Sid);
const list = (value: string | string[] | undefined): string[] => [value ?? []].flat();

describe("the whitepaper profile", () => {
  it.each([
    ["Production", false, "production-permission-set"],
    ["Production", true, "production-permission-set-hybrid"],
    ["Development", false, "development-permission-set"],
    ["Development", true, "development-permission-set-hybrid"],
  ])("is the guide's policy for %s (on premises: %s), statement by statement", (value, hybrid, fixture) => {
    const path = new URL(`../fixtures/policies/${fixture}.json`, import.meta.url);
    const policy = permissionSetPolicy(
      production({ policyProfile: "whitepaper", tag: { key: "project", value }, onPremises: hybrid ? {} : null }),
    );
    expect(policy).toEqual(JSON.parse(readFileSync(path, "utf8")));
  });

  it("speaks of the targets' partition", () => {
    const targets = [{ account: "111122223333", region: "cn-north-1" }];
    const json = JSON.stringify(permissionSetPolicy(production({ policyProfile: "whitepaper", targets })));
    expect(json).toContain("arn:aws-cn:ec2:*:*:instance/*");
    expect(json).not.toContain("arn:aws:");
  });
});

describe("the hardened profile", () => {
  it("has one statement for each purpose", () => {
    expect(sids(production())).toEqual([
      "DiscoverNodes",
      "StartSessionOnTaggedNodes",
      "StartSessionWithDocuments",
      "EndAndResumeOwnSessions",
      "OpenDataChannel",
      "EncryptSessions",
      "DenyLeavingTheEnvironment",
    ]);
  });

  it("starts sessions only on nodes with exactly the tag, in the targets' accounts and regions, by document", () => {
    expect(statement(production(), "StartSessionOnTaggedNodes")).toEqual({
      Sid: "StartSessionOnTaggedNodes",
      Effect: "Allow",
      Action: "ssm:StartSession",
      Resource: ["arn:aws:ec2:*:111122223333:instance/*"],
      Condition: {
        StringEquals: { "ssm:resourceTag/project": "Production", "aws:RequestedRegion": ["ap-southeast-1"] },
        BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" },
      },
    });
  });

  it("reaches managed nodes and reads the tier only with on-premises servers", () => {
    expect(statement(production({ onPremises: {} }), "StartSessionOnTaggedNodes").Resource).toContain(
      "arn:aws:ssm:*:111122223333:managed-instance/*",
    );
    expect(statement(production({ onPremises: {} }), "ReadActivationTier").Action).toBe("ssm:GetServiceSetting");
    expect(JSON.stringify(permissionSetPolicy(production()))).not.toMatch(/managed-instance|GetServiceSetting/);
  });

  it("grants the environment's document in a statement without a tag condition", () => {
    expect(statement(production(), "StartSessionWithDocuments")).toEqual({
      Sid: "StartSessionWithDocuments",
      Effect: "Allow",
      Action: ["ssm:GetDocument", "ssm:StartSession"],
      Resource: ["arn:aws:ssm:*:111122223333:document/Gatehouse-production"],
      Condition: { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
    });
  });

  it.each([
    ["port-forwarding" as const, "arn:aws:ssm:*::document/AWS-StartPortForwardingSession"],
    ["ssh" as const, "arn:aws:ssm:*::document/AWS-StartSSHSession"],
  ])("grants AWS's own document for %s, and no key of ours", (kind, arn) => {
    const subject = production({ sessionDocuments: [kind] });
    expect(statement(subject, "StartSessionWithDocuments").Resource).toEqual([arn]);
    expect(sids(subject)).not.toContain("EncryptSessions");
  });

  it("never grants port forwarding to remote hosts", () => {
    const policy = permissionSetPolicy(production({ sessionDocuments: ["shell", "port-forwarding", "ssh"] }));
    expect(JSON.stringify(policy)).not.toContain("RemoteHost");
  });

  it("lets people end and resume their own sessions, by equality", () => {
    expect(statement(production(), "EndAndResumeOwnSessions")).toMatchObject({
      Action: ["ssm:ResumeSession", "ssm:TerminateSession"],
      Condition: { StringEquals: { "ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}" } },
    });
  });

  it("uses the environment's key by its alias, in the person's own account", () => {
    expect(statement(production(), "EncryptSessions")).toMatchObject({
      Action: "kms:GenerateDataKey",
      Condition: {
        StringEquals: { "aws:ResourceAccount": "${aws:PrincipalAccount}" },
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/gatehouse/production" },
      },
    });
  });

  it.each([
    "ssm:UpdateServiceSetting",
    "ssm:ResetServiceSetting",
    "ssm:AddTagsToResource",
    "ssm:RemoveTagsFromResource",
    "ec2:CreateTags",
    "ec2:DeleteTags",
    "ssm:CreateDocument",
    "ssm:UpdateDocument",
    "ssm:DeleteDocument",
    "ssm:UpdateDocumentDefaultVersion",
    "ssm:ModifyDocumentPermission",
  ])("denies %s everywhere", (action) => {
    const deny = statement(production(), "DenyLeavingTheEnvironment");
    expect(deny).toMatchObject({ Effect: "Deny", Resource: "*" });
    expect(deny.Action).toContain(action);
    expect(deny.Condition).toBeUndefined();
  });

  it("lists an account once, however many of its regions are targets", () => {
    const targets = ["us-east-1", "ap-southeast-1", "us-east-1"].map((region) => ({ account: "111122223333", region }));
    const start = statement(production({ targets }), "StartSessionOnTaggedNodes");
    expect(start.Resource).toHaveLength(1);
    expect(start.Condition?.["StringEquals"]?.["aws:RequestedRegion"]).toEqual(["ap-southeast-1", "us-east-1"]);
  });

  it("keeps extra statements as they are, at the end", () => {
    const extra: PolicyStatement = {
      Sid: "Metrics",
      Effect: "Allow",
      Action: "cloudwatch:GetMetricData",
      Resource: "*",
    };
    for (const policyProfile of ["hardened", "whitepaper"] as const) {
      expect(permissionSetPolicy(production({ policyProfile, extraStatements: [extra] })).Statement.at(-1)).toEqual(
        extra,
      );
    }
  });

  it("fits with fifty targets, on premises, and every kind of session", () => {
    const targets = Array.from({ length: 50 }, (_, index) => ({
      account: String(100_000_000_000 + index),
      region: ["eu-central-1", "ap-southeast-1"][index % 2] ?? "",
    }));
    const subject = production({ targets, onPremises: {}, sessionDocuments: ["shell", "port-forwarding", "ssh"] });
    const { nonWhitespaceBytes, bytes } = policySize(permissionSetPolicy(subject));
    expect(nonWhitespaceBytes).toBeLessThanOrEqual(policySizeLimit);
    expect(bytes).toBeLessThanOrEqual(policyBytesLimit);
  });
});

const subjects: fc.Arbitrary<PolicySubject> = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/),
  tag: fc.record({ key: fc.string({ minLength: 1, maxLength: 128 }), value: fc.string({ maxLength: 256 }) }),
  targets: fc.array(
    fc.record({ account: fc.stringMatching(/^\d{12}$/), region: fc.constantFrom("us-east-1", "eu-west-1") }),
    { minLength: 1, maxLength: 8 },
  ),
  policyProfile: fc.constant("hardened" as const),
  sessionDocuments: fc.uniqueArray(fc.constantFrom("shell" as const, "port-forwarding" as const, "ssh" as const)),
  onPremises: fc.option(fc.constant({})),
  extraStatements: fc.constant([]),
});

describe("any hardened policy", () => {
  it("allows sessions on nodes only under the tag, the regions and the document check", () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        for (const { Effect, Action, Resource, Condition } of permissionSetPolicy(subject).Statement) {
          if (Effect === "Deny" || !list(Action).includes("ssm:StartSession")) continue;
          expect(Condition?.["BoolIfExists"]).toEqual({ "ssm:SessionDocumentAccessCheck": "true" });
          if (!list(Resource).some((arn) => arn.includes("instance/"))) continue;
          expect(Condition?.["StringEquals"]?.[`ssm:resourceTag/${subject.tag.key}`]).toBe(subject.tag.value);
          expect(Condition?.["StringEquals"]?.["aws:RequestedRegion"]).not.toEqual([]);
        }
      }),
    );
  });

  it("names no node or document of an account that is not a target", () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        const accounts = new Set(subject.targets.map(({ account }) => account));
        const arns = permissionSetPolicy(subject).Statement.flatMap(({ Resource }) => list(Resource));
        for (const arn of arns.filter((name) => /:instance\/|:managed-instance\/|document\/Gatehouse/.test(name))) {
          expect(accounts).toContain(arn.split(":")[4]);
        }
      }),
    );
  });

  it("does not depend on the order of targets", () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        const reversed = { ...subject, targets: [...subject.targets].reverse() };
        expect(permissionSetPolicy(reversed)).toEqual(permissionSetPolicy(subject));
      }),
    );
  });
});
