/** A plugin served within the test, and calls of it as the CLI makes them. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { Scope } from "../../service/cloud/provider.ts";
import { createConfiguration, type Configuration } from "../../service/engine/automation/plugin/configuration.ts";
import { servePlugin, type ProviderFor } from "../../service/engine/automation/plugin/server.ts";

export interface ServedPlugin {
  port: number;
  client: ResourceProviderClient;
  close: () => void;
}

/** A client with a connection of its own, as the CLI has one for each provider of a run. */
export const connectTo = (port: number): ResourceProviderClient =>
  new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });

/** A client whose connection can be cut, as it is when a CLI is killed: grpc's own close waits for the calls under way. */
export async function connectToCut(port: number): Promise<{ client: ResourceProviderClient; cut: () => void }> {
  const ends: Socket[] = [];
  const between = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const end of [near, far]) ends.push(end.on("error", () => undefined));
    near.pipe(far).pipe(near);
  });
  await once(between.listen(0, "127.0.0.1"), "listening");
  const client = connectTo((between.address() as AddressInfo).port);
  const cut = (): void => {
    between.close();
    for (const end of ends) end.destroy();
    client.close();
  };
  return { client, cut };
}

/** @param configurationOf of the next connection; left out, each has its own */
export const startPlugin = async (
  providerFor: ProviderFor,
  home: Scope,
  configurationOf: () => Configuration = () => createConfiguration(home),
): Promise<ServedPlugin> => {
  const { listener, port } = await servePlugin(providerFor, configurationOf);
  const client = connectTo(port);
  return {
    port,
    client,
    close: () => {
      client.close();
      listener.close();
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
