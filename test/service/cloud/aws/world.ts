/** A reader of AWS whose AWS is a local server. */
import { createAwsAdapters, type AwsAdapters, type AwsSettings } from "../../../../service/cloud/aws/create.ts";
import { instances, managementAccount, organization } from "./answers.ts";
import { startAwsServer, type AwsServer } from "./aws-server.ts";

export const home = { account: managementAccount, region: "us-east-1" };
export const target = { account: "111122223333", region: "ap-southeast-1" };

export interface AwsWorld {
  server: AwsServer;
  clock: { now: Date };
  /** Adapters with these settings; closed with the world. */
  connect(settings?: Partial<AwsSettings>): AwsAdapters;
  close(): Promise<void>;
}

export const createAwsWorld = async (): Promise<AwsWorld> => {
  const server = await startAwsServer();
  const clock = { now: new Date("2026-11-22T12:00:00Z") };
  const connected: AwsAdapters[] = [];
  return {
    server,
    clock,
    connect: (settings = {}) => {
      const adapters = createAwsAdapters({
        targetRole: null,
        identityCenter: home,
        region: "eu-central-1",
        processCredentials: () => Promise.resolve({ accessKeyId: "AKIAPROCESS", secretAccessKey: "secret" }),
        endpoint: () => server.url,
        now: () => clock.now,
        ...settings,
      });
      connected.push(adapters);
      return adapters;
    },
    close: async () => {
      for (const adapters of connected) adapters.close();
      await server.close();
    },
  };
};

/** Lets the server have an organization with Identity Center. */
export const withIdentityCenter = (server: AwsServer): void => {
  server.on("ListInstances", instances(managementAccount));
  server.on("DescribeOrganization", organization);
};
