import { inventory, type Inventory } from "./inventory.ts";

/**
 * The AWS guide's two servers and the sessions of its Tests 1 and 2 ("Securing Remote Access with Multi-Factor
 * Authentication", March 2021, table 1 and pages 38 to 46), in the account, region and bucket of examples/, so that what those
 * bring up finds its servers and their logs.
 */
const place = { account: "111122223333", region: "ap-southeast-1" };
const bucket = "session-manager-log-bucket123";

const servers = [
  {
    environment: "production",
    project: "Production",
    name: "prod-server01",
    id: "i-0a1b2c3d4e5f60718",
    userName: "testuser01",
    session: "testuser01-0a7b6c5d4e3f2a1b0",
    role: "AWSReservedSSO_ProductionPermissionSet_0f1e2d3c4b5a6978",
    daysAgo: 2,
  },
  {
    environment: "development",
    project: "Development",
    name: "dev-server01",
    id: "i-04e7bf0918273a4b5",
    userName: "testuser02",
    session: "testuser02-0c29c2891c6dcc35e",
    role: "AWSReservedSSO_DevelopmentPermissionSet_8796a5b4c3d2e1f0",
    daysAgo: 1,
  },
] as const;

const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * 24 * 3600 * 1000);

/** How long each of the two sessions took, in milliseconds. */
const sessionTime = 4 * 60 * 1000;

/** What the simulated account begins with: put once, when the service first starts, with sessions of the days before. */
export const referenceInventory = (now: Date): Inventory =>
  inventory.parse({
    nodes: servers.map(({ id, name, project }) => ({
      ...place,
      id,
      tags: { Name: name, project },
      agent: { version: "3.3.2299.0", lastPingAt: now.toISOString() },
      // Quick Setup gives it to instances that have none.
      role: "AmazonSSMRoleForInstancesQuickSetup",
    })),
    sessions: servers.map(({ environment, id, userName, session, role, daysAgo }) => ({
      ...place,
      id: session,
      role,
      userName,
      target: id,
      documentName: `Gatehouse-${environment}`,
      startedAt: daysBefore(now, daysAgo).toISOString(),
      endedAt: new Date(daysBefore(now, daysAgo).getTime() + sessionTime).toISOString(),
      logGroup: `/gatehouse/sessions/${environment}`,
      object: { bucket, key: `${environment}/${session}.log` },
    })),
  });
