import { foundationRequest } from "../../../service/domain/foundation-document.ts";
import { expectErrors } from "../../support/bad-documents.ts";
import type { BadDocument } from "../../support/bad-documents.ts";
import { foundationInputOf } from "../../support/documents.ts";

const rows: BadDocument[] = [
  ["no account", { account: undefined }, { "/account": /^is required: an AWS account id/ }],
  ["no region", { region: undefined }, { "/region": /^is required/ }],
  [
    "an idle timeout of 61 minutes",
    { sessionPreferences: { idleTimeoutMinutes: 61 } },
    { "/sessionPreferences/idleTimeoutMinutes": /1 to 60/ },
  ],
  [
    "half a minute",
    { sessionPreferences: { idleTimeoutMinutes: 1.5 } },
    { "/sessionPreferences/idleTimeoutMinutes": /whole number/ },
  ],
  ...[0, 1040, 1099, 1140, 1199, 1240, 1299, 1340, 1399, 1441].map((minutes): BadDocument => [
    `a longest session of ${String(minutes)} minutes`,
    { sessionPreferences: { maxSessionMinutes: minutes } },
    { "/sessionPreferences/maxSessionMinutes": /none from 1040 to 1099/ },
  ]),
  ...[
    "ab",
    "Logs",
    "logs_1",
    "logs..a",
    "192.168.5.4",
    "xn--logs",
    "sthree-logs",
    "logs-s3alias",
    "logs--ol-s3",
    "logs.mrap",
    "-logs",
    "l".repeat(64),
  ].map((bucketName): BadDocument => [
    `the bucket name ${bucketName}`,
    { logArchive: { bucketName } },
    { "/logArchive/bucketName": /3 to 63/ },
  ]),
  ["a log group with a space", { logArchive: { logGroupName: "a b" } }, { "/logArchive/logGroupName": /1 to 512/ }],
  [
    "an environment's log group",
    { logArchive: { logGroupName: "/gatehouse/sessions/production" } },
    { "/logArchive/logGroupName": /not starting with/ },
  ],
  [
    "days that CloudWatch Logs does not know",
    { logArchive: { retentionDays: 0 } },
    { "/logArchive/retentionDays": /can keep/ },
  ],
  [
    "the advanced tier without the charge acknowledged",
    { activationTier: "advanced" },
    { "/acknowledgeCharges": /must be true/ },
  ],
  ["a tier that is none", { activationTier: "premium" }, { "/activationTier": /"none", "standard", "advanced"/ }],
  [
    "an address twice",
    { notifications: { emails: ["a@example.com", "A@example.com"] } },
    { "/notifications/emails/1": /item 0/ },
  ],
  [
    "an address that is none",
    { notifications: { emails: ["security"] } },
    { "/notifications/emails/0": /one e-mail address/ },
  ],
  [
    "a trail name with two hyphens together",
    { notifications: { trail: "a--b" } },
    { "/notifications/trail": /3 to 128/ },
  ],
  [
    "adopting a group, which is an environment's",
    { adopt: ["group"] },
    { "/adopt/0": /"session-preferences", "log-group", "bucket"/ },
  ],
  [
    "host management by hand",
    { hostManagement: { mode: "manual" } },
    { "/hostManagement/mode": /"quick-setup", "none"/ },
  ],
  ["an unknown field", { name: "x" }, { "/name": /is not a field here/ }],
];

describe("a foundation document is refused at the field with", () => {
  it.each(rows)("%s", (_, changes, errors) => {
    expectErrors(foundationRequest, "foundation", { ...foundationInputOf(), ...changes }, errors);
  });
});
