/** An engine that plans nothing and a cloud in which nothing exists: for tests of what is around them. */
import type { ConnectAdapters } from "../../service/adapters.ts";
import type { AccessReader } from "../../service/cloud/access-reader.ts";
import type { CloudReader } from "../../service/cloud/reader.ts";
import { nothingDone, type Engine } from "../../service/engine/engine.ts";

const nothing = () => Promise.resolve(null);

/** Knows of no group, person or bucket. */
export const emptyCloud: CloudReader = {
  identityCenter: () =>
    Promise.resolve({
      account: "444455556666",
      region: "us-east-1",
      instanceArn: "arn:aws:sso:::instance/ssoins-0123456789abcdef",
      identityStoreId: "d-0123456789",
      kind: "organization",
    }),
  callerAccount: (scope) => Promise.resolve(scope.account),
  findGroup: nothing,
  findUser: nothing,
  findUserByEmail: nothing,
  findPermissionSet: nothing,
  findLogGroup: nothing,
  findDocument: nothing,
  findKey: nothing,
  findBucket: nothing,
  findTrail: nothing,
  findRole: nothing,
  findPolicy: nothing,
  findInstanceProfile: nothing,
  findTopic: nothing,
  findEventRule: nothing,
  findQuickSetups: () => Promise.resolve([]),
  findMembership: nothing,
  findAssignments: () => Promise.resolve(new Map()),
  findServiceSetting: nothing,
};

/** Has no nodes and sessions, and nobody in any group. */
export const emptyAccess: AccessReader = {
  nodesWithTag: () => Promise.resolve([]),
  nodesById: () => Promise.resolve([]),
  attachedPolicies: nothing,
  groupMembers: nothing,
  permissionSet: nothing,
  inlinePolicy: nothing,
  attachedToPermissionSet: () => Promise.resolve([]),
  permissionsBoundary: nothing,
  assignments: () => Promise.resolve([]),
  sessionDocument: nothing,
  sessions: () => Promise.resolve([]),
  hasLogStream: () => Promise.resolve(false),
  hasObject: () => Promise.resolve(false),
};

/** Succeeds at once with an empty plan. */
export const idleEngine = (): Engine => ({
  name: "sandbox",
  run: () => Promise.resolve({ ...nothingDone(), planDigest: `sha256:${"0".repeat(64)}` }),
  statistics: () => ({ starting: 0, idle: 1, busy: 0, waiting: 0, stopping: 0 }),
  ready: () => ({ ready: true, detail: "Nothing to wait for." }),
  letGo: () => Promise.resolve(),
  close: () => Promise.resolve(),
});

export const idleAdapters: ConnectAdapters = () =>
  Promise.resolve({ engine: idleEngine(), reader: emptyCloud, accessReader: emptyAccess });
