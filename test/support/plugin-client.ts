/** A plugin served within the test, and calls of it as the CLI makes them. */
import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { ResourceProvider, Scope } from "../../service/cloud/provider.ts";
import { servePlugin } from "../../service/engine/automation/plugin/server.ts";

export interface ServedPlugin {
  client: ResourceProviderClient;
  close: () => void;
}

export const startPlugin = async (provider: ResourceProvider, home: Scope): Promise<ServedPlugin> => {
  const { server, port } = await servePlugin(provider, home);
  const client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    client,
    close: () => {
      client.close();
      server.forceShutdown();
    },
  };
};

/** One call: `calling((done) => client.check(request, done))`. @throws ServiceError */
export const calling = <Response>(
  call: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });
