import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { expectErrors, fromJson } from "../../support/bad-documents.ts";
import type { BadDocument } from "../../support/bad-documents.ts";
import { environmentInputOf, testTarget } from "../../support/documents.ts";

const statement = { Effect: "Allow", Action: "ssm:GetDocument", Resource: "*" };

const rows: BadDocument[] = [
  ["a policy profile that is none", { policyProfile: "strict" }, { "/policyProfile": /"hardened", "whitepaper"/ }],
  ["no session documents", { sessionDocuments: [] }, { "/sessionDocuments": /1 to 3/ }],
  ["a session document twice", { sessionDocuments: ["shell", "ssh", "shell"] }, { "/sessionDocuments/2": /item 0/ }],
  [
    "days that CloudWatch Logs does not know",
    { logging: { cloudWatch: { retentionDays: 100 } } },
    { "/logging/cloudWatch/retentionDays": /1, 3, 5, 7, 14/ },
  ],
  [
    "a key prefix without a slash at its end",
    { logging: { s3: { keyPrefix: "production" } } },
    { "/logging/s3/keyPrefix": /ends with \// },
  ],
  [
    "a key prefix that climbs",
    { logging: { s3: { keyPrefix: "a/../b/" } } },
    { "/logging/s3/keyPrefix": /no empty, \. or \.\. segment/ },
  ],
  [
    "a key prefix with a wildcard",
    { logging: { s3: { keyPrefix: "*/" } } },
    { "/logging/s3/keyPrefix": /letters, digits/ },
  ],
  [
    "a key prefix of 501 characters",
    { logging: { s3: { keyPrefix: `${"p".repeat(500)}/` } } },
    { "/logging/s3/keyPrefix": /2 to 500/ },
  ],
  [
    "on-premises servers without the charges acknowledged",
    { onPremises: {} },
    { "/onPremises/acknowledgeCharges": /must be true/ },
  ],
  [
    "on-premises servers with the charges refused",
    { onPremises: { acknowledgeCharges: false } },
    { "/onPremises/acknowledgeCharges": /must be true/ },
  ],
  [
    "an activation for 1001 servers",
    { onPremises: { acknowledgeCharges: true, registrationLimit: 1001 } },
    { "/onPremises/registrationLimit": /1 to 1000/ },
  ],
  [
    "an activation for 31 days",
    { onPremises: { acknowledgeCharges: true, expiresIn: "P31D" } },
    { "/onPremises/expiresIn": /PT1H to P30D/ },
  ],
  [
    "an activation for a month, whose length varies",
    { onPremises: { acknowledgeCharges: true, expiresIn: "P1M" } },
    { "/onPremises/expiresIn": /weeks, days, hours/ },
  ],
  [
    "an activation elsewhere",
    { onPremises: { acknowledgeCharges: true, target: { ...testTarget, region: "eu-west-1" } } },
    { "/onPremises/target": /one of targets/ },
  ],
  [
    "an activation in one of two targets",
    { targets: [testTarget, { ...testTarget, region: "eu-west-1" }], onPremises: { acknowledgeCharges: true } },
    { "/onPremises/target": /is required with more than one target/ },
  ],
  [
    "adopting a bucket, which is the foundation's",
    { adopt: ["bucket"] },
    { "/adopt/0": /"group", "users", "permission-set", "log-group"/ },
  ],
  [
    "changing what is not taken over",
    { adopt: ["users"], adoptChanges: ["users", "group"] },
    { "/adoptChanges/1": /must be in adopt too/ },
  ],
  ["adopting a thing twice", { adopt: ["users", "users"] }, { "/adopt/1": /item 0/ }],
  ["a truth value in quotes", { protected: "true" }, { "/protected": /true or false/ }],
  [
    "a statement with Action and NotAction",
    { extraStatements: [{ ...statement, NotAction: "ec2:*" }] },
    { "/extraStatements/0/NotAction": /beside Action/ },
  ],
  [
    "a statement without a resource",
    { extraStatements: [{ Effect: "Allow", Action: "*" }] },
    { "/extraStatements/0/Resource": /is required, or NotResource/ },
  ],
  [
    "a statement with a principal",
    { extraStatements: [{ ...statement, Principal: "*" }] },
    { "/extraStatements/0/Principal": /is not a field here/ },
  ],
  [
    "a statement beyond Latin-1",
    { extraStatements: [{ ...statement, Condition: { StringEquals: { "aws:PrincipalTag/team": "日本" } } }] },
    { "/extraStatements/0/Condition/StringEquals/aws:PrincipalTag~1team": /Latin-1/ },
  ],
  [
    "a condition operator that is none",
    { extraStatements: [{ ...statement, Condition: { Equals: { "aws:SourceIp": "x" } } }] },
    { "/extraStatements/0/Condition/Equals": /IAM condition operators/ },
  ],
  [
    "an action without a service",
    { extraStatements: [{ ...statement, Action: "StartSession" }] },
    { "/extraStatements/0/Action": /ssm:DescribeParameters/ },
  ],
  [
    "a list of no actions",
    { extraStatements: [{ ...statement, Action: [] }] },
    { "/extraStatements/0/Action": /or a list of 1 to 100 of them/ },
  ],
  [
    "a Sid twice",
    {
      extraStatements: [
        { ...statement, Sid: "A" },
        { ...statement, Sid: "A" },
      ],
    },
    { "/extraStatements/1": /a Sid/ },
  ],
  [
    "nesting without end",
    { extraStatements: [{ ...statement, Condition: fromJson(`${'{"a":'.repeat(60)}1${"}".repeat(60)}`) }] },
    {
      "/extraStatements/0/Condition/a": /IAM condition operators/,
      [`/extraStatements/0/Condition${"/a".repeat(28)}`]: /nested deeper than 32/,
    },
  ],
];

describe("settings of an environment are refused at the field with", () => {
  it.each(rows)("%s", (_, changes, errors) => {
    const content = { ...environmentInputOf(), ...Object.fromEntries(Object.entries(changes)) };
    expectErrors(environmentRequest, "environment", content, errors);
  });
});
