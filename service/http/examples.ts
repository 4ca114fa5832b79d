/**
 * Examples of the API's description: requests as people send them, and answers as the service gave them on the simulated
 * account (long lists cut to their first entry). A test holds them against the schemas.
 */
import type { z } from "zod";
import type { AccessCheckAnswer, AccessMatrix, accessCheck } from "../domain/access.ts";
import type { environmentRequest } from "../domain/environment-document.ts";
import type { operationEvent } from "../domain/operation-event.ts";
import type { foundationRequest } from "../domain/foundation-document.ts";
import type { EnvironmentNode } from "../domain/nodes.ts";
import type { Environment, Foundation, Operation, Page, ProblemDetails } from "../domain/operation.ts";

const place = { account: "111122223333", region: "ap-southeast-1" } as const;
const person = {
  userName: "testuser01",
  email: "testuser01@example.com",
  givenName: "Test",
  familyName: "User01",
};

const environmentPreview: z.input<typeof environmentRequest> = {
  action: "preview",
  onBehalfOf: "alice@example.com",
  environment: {
    name: "production",
    team: "platform",
    tag: { key: "project", value: "Production" },
    group: { members: [person] },
    targets: [place],
    onPremises: { acknowledgeCharges: true, registrationLimit: 10, expiresIn: "P14D" },
  },
};

const environmentUp: z.input<typeof environmentRequest> = {
  action: "up",
  environment: { name: "staging", tag: { key: "project", value: "Staging" }, targets: [place] },
};

const foundationUp: z.input<typeof foundationRequest> = {
  action: "up",
  foundation: {
    ...place,
    hostManagement: { mode: "quick-setup", targets: "all" },
    notifications: { emails: ["security@example.com"] },
  },
};

const check: z.input<typeof accessCheck> = {
  principal: { userName: person.userName },
  action: "ssm:StartSession",
  node: { kind: "ec2", ...place, tags: { project: "Production" } },
};

const because = [
  { environment: "production", policy: "inline", sid: "StartSessionOnTaggedNodes", index: 1, effect: "Allow" as const },
  { environment: "production", policy: "inline", sid: "StartSessionWithDocuments", index: 2, effect: "Allow" as const },
];
const who = {
  principal: "production",
  principalKind: "environment" as const,
  action: "ssm:StartSession",
  node: "project=Production",
  places: [
    { nodeKind: "ec2" as const, ...place },
    { nodeKind: "managed" as const, ...place },
  ],
  document: "Gatehouse-production",
  sessionOwner: null,
  key: null,
};
const decided = { decision: "allow" as const, because, undecided: false, problems: [], warnings: [] };

const spec: Operation["spec"] = {
  name: "production",
  team: "platform",
  description: "",
  tag: { key: "project", value: "Production" },
  group: {
    name: "ProductionAccess",
    description: "",
    source: "identity-center",
    members: [{ ...person, onRemoval: "retain" }],
  },
  targets: [place],
  policyProfile: "hardened",
  sessionDocuments: ["shell"],
};

const preview: Operation = {
  id: "01a205a9-6754-70f1-9f7c-e40a2ad65a29",
  kind: "preview",
  stack: "environment/production",
  status: "succeeded",
  requestedBy: "admin",
  onBehalfOf: "alice@example.com",
  refresh: false,
  createdAt: "2026-11-22T23:48:37.844Z",
  startedAt: "2026-11-22T23:48:37.855Z",
  finishedAt: "2026-11-22T23:48:37.964Z",
  attempt: 1,
  engine: "sandbox",
  cloud: "simulated",
  waitingFor: null,
  progress: null,
  spec,
  digest: "sha256:0cbe05a5e7254629a996887337e4dc77dc07ed571a23828f74d26a4a05530c47",
  changes: { create: 22, update: 0, replace: 0, delete: 0, import: 0, same: 0 },
  steps: [
    {
      op: "create",
      urn: "urn:pulumi:environment.production::gatehouse::aws:ssoadmin/permissionSet:PermissionSet::permission-set",
      type: "aws:ssoadmin/permissionSet:PermissionSet",
      name: "permission-set",
      diff: [{ path: "sessionDuration", from: null, to: "PT1H" }],
    },
  ],
  access: {
    changes: [{ ...who, from: "deny", to: "allow", because }],
    extraStatements: { added: [], removed: [] },
  },
  verification: null,
  warnings: [],
  diagnostics: [],
  cost: {
    monthlyUsd: 1,
    items: [
      {
        what: "KMS key session-logging-111122223333-ap-southeast-1-key",
        monthlyUsd: 1,
        source: "https://aws.amazon.com/kms/pricing/",
        asOf: "2026-03-14",
      },
    ],
    unknown: ["KMS requests and key rotations: https://aws.amazon.com/kms/pricing/"],
  },
  approval: { state: "not_required", required: 0, decisions: [], supersededBy: null },
  previewOf: "up",
  continues: null,
  continuedBy: null,
  recovers: null,
  pending: [],
  outputs: {},
  problem: null,
};

const stackTimes = { createdAt: "2026-11-22T23:48:37.844Z", updatedAt: "2026-11-22T23:48:41.102Z" };

const environment: Environment = {
  name: "production",
  team: "platform",
  revision: 1,
  status: "active",
  spec,
  outputs: {
    groupId: "603fde59-17e6-41a6-83cc-a1dbae1cd85c",
    permissionSetArn: "arn:aws:sso:::permissionSet/ssoins-3ca2a044c8ca4382/ps-d7220c9360d441b4",
    portalUrl: "https://d-1ac5588cca.awsapps.com/start",
    targets: [
      {
        ...place,
        logGroup: "/gatehouse/sessions/production",
        sessionDocument: "Gatehouse-production",
        startSessionCommand:
          "aws ssm start-session --target <instance-id> --document-name Gatehouse-production --region ap-southeast-1",
      },
    ],
  },
  lastOperation: "01a205a9-6f2b-7a0e-8d11-5a1c9b1f0c11",
  pendingOperation: null,
  drift: null,
  ...stackTimes,
  outdated: false,
};

const foundation: Foundation = {
  ...place,
  revision: 1,
  status: "active",
  spec: { ...place, hostManagement: { mode: "quick-setup", targets: "all" }, activationTier: "none" },
  outputs: {
    nodeRoleName: "AmazonSSMRoleForInstancesQuickSetup",
    preferencesDocument: "SSM-SessionManagerRunShell",
    logGroupName: "SessionManagerLogGroup",
  },
  lastOperation: "01a205a9-6329-70d9-b995-d91efd70aa67",
  pendingOperation: null,
  drift: null,
  ...stackTimes,
};

const node: EnvironmentNode = {
  id: "i-0a1b2c3d4e5f60718",
  kind: "ec2",
  ...place,
  tags: { Name: "prod-server01", project: "Production" },
  instanceState: "running",
  pingStatus: "online",
  lastPingAt: "2026-11-22T23:48:13.937Z",
  agentVersion: "3.3.2299.0",
  role: "AmazonSSMRoleForInstancesQuickSetup",
  reachable: true,
  problems: [],
};

const matrix: AccessMatrix = { rows: [{ ...who, ...decided }], extraStatements: [], nextCursor: null };
const checked: AccessCheckAnswer = { known: true, ...decided };
const page = <Item>(item: Item): Page<Item> => ({ items: [item], nextCursor: null });

/** What the `data:` of an event on the stream holds. */
const event: z.input<typeof operationEvent> = {
  number: 2,
  type: "operation.started",
  at: "2026-11-22T23:48:37.855Z",
  operation: preview.id,
  stack: "environment/production",
  kind: "preview",
  attempt: 1,
  data: { status: "running", changes: null, problem: null },
};

const metrics = `# HELP gatehouse_operations_total Operations that ended in this process.
# TYPE gatehouse_operations_total counter
gatehouse_operations_total{kind="up",outcome="succeeded"} 12
`;

interface Example {
  summary: string;
  value: unknown;
}

/** Bodies of requests, by `operationId`. */
export const requestExamples: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  requestEnvironment: {
    preview: { summary: "Preview an environment with a person and servers on premises", value: environmentPreview },
    up: { summary: "The least that an environment needs, applied when its preview succeeds", value: environmentUp },
  },
  requestFoundation: { up: { summary: "What an account and region needs once", value: foundationUp } },
  applyPreview: { plain: { summary: "Apply what was shown", value: {} } },
  recoverStack: { refresh: { summary: "Look up what is in doubt", value: { resolution: "refresh" } } },
  checkAccess: { session: { summary: "May this person start a session on such a server?", value: check } },
  verifyEnvironment: { whole: { summary: "Verify everything", value: {} } },
};

/** Successful answers, by `operationId`. */
export const answerExamples: Readonly<Record<string, unknown>> = {
  listOperations: page(preview),
  listEnvironments: page(environment),
  getEnvironment: environment,
  listFoundations: page(foundation),
  getFoundation: foundation,
  listNodes: page(node),
  getAccessMatrix: matrix,
  checkAccess: checked,
  followOperation: event,
  getMetrics: metrics,
};
/** Answer of every call that answers with an operation. */
export const operationExample = preview;

export const problemExample: ProblemDetails = {
  type: "urn:gatehouse:problem:invalid_request",
  title: "The request is not valid",
  status: 400,
  detail: "One field is not valid: see errors.",
  instance: "/v1/environment-requests",
  code: "invalid_request",
  errors: [{ pointer: "/environment/tag/value", message: "must be text of 1 to 256 characters" }],
  requestId: "01a205a9-1ccb-7582-af87-e76821839f55",
};
