/**
 * The gRPC service that the Pulumi CLI calls a resource plugin by (`pulumi/provider.proto`). The CLI dials a connection of its own
 * for each provider of a run (pkg/resource/plugin, "NewProvider"), also where it attaches to a plugin that others use too. So
 * what is served is connections. In a process for all runs each is a provider, and nothing of it is left when it is closed; a process
 * of one provider keeps its configuration when the CLI dials again, as AWS's does.
 */
import { createServer, type AddressInfo, type Server as Listener, type Socket } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { handleUnaryCall } from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import serviceDefinition from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { ResourceProvider } from "../../../cloud/provider.ts";
import type { Configuration } from "./configuration.ts";
import { pluginVersion } from "./environment.ts";
import { asServiceError } from "./failure.ts";
import { createResources } from "./resources.ts";

/** The CLI's own limit for a message to or from a plugin: 400 MB. */
const largestMessageBytes = 400 * 1024 * 1024;

const serverOptions = {
  "grpc.max_receive_message_length": largestMessageBytes,
  "grpc.max_send_message_length": largestMessageBytes,
  // Nobody asks for its figures, which it would keep of each connection.
  "grpc.enable_channelz": 0,
};

/** Makes what answers the calls of one connection. Once the signal is aborted, it writes nothing more. */
export type ProviderFor = (gone: AbortSignal) => ResourceProvider;

/** Answers one kind of call; whatever it throws or rejects with is the call's error. */
const answering =
  <Request, Response>(answer: (request: Request) => Response | Promise<Response>): handleUnaryCall<Request, Response> =>
  (call, done) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => done(null, response),
        (error: unknown) => done(asServiceError(error)),
      );
  };

/** The methods that there are; gRPC answers the others with "unimplemented", which the CLI takes for "has none". */
const pluginService = (provider: ResourceProvider, configuration: Configuration) => {
  const resources = createResources(provider, configuration);
  const empty = () => new emptyMessages.Empty();
  return {
    getPluginInfo: answering(() => new pluginMessages.PluginInfo().setVersion(pluginVersion)),
    // Programs bring their types along (`@pulumi/aws`); nothing of them is asked of the plugin.
    getSchema: answering(() =>
      new messages.GetSchemaResponse().setSchema(JSON.stringify({ name: "aws", version: pluginVersion })),
    ),
    checkConfig: answering(configuration.check),
    diffConfig: answering(configuration.diff),
    configure: answering(configuration.configure),
    check: answering(resources.check),
    diff: answering(resources.diff),
    create: answering(resources.create),
    read: answering(resources.read),
    update: answering(resources.update),
    delete: answering(resources.delete),
    invoke: answering(resources.invoke),
    // The CLI takes no new steps then, and waits for those that run: each is one short transaction.
    cancel: answering(empty),
    attach: answering(empty),
  } satisfies Partial<IResourceProviderServer>;
};

/** Serves one connection, until it is closed. What it was about to write then is not written any more. */
export function serveConnection(socket: Socket, providerFor: ProviderFor, configuration: Configuration): void {
  const gone = new AbortController();
  const server = new Server(serverOptions);
  server.addService(serviceDefinition.ResourceProviderService, pluginService(providerFor(gone.signal), configuration));
  socket.once("close", () => {
    gone.abort(new Error("The connection was closed before the account was written to."));
    server.forceShutdown();
  });
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
}

/**
 * Serves on a free port of this machine. Gives the port.
 *
 * @param configurationOf gives the configuration of the next connection
 */
export const servePlugin = (
  providerFor: ProviderFor,
  configurationOf: () => Configuration,
): Promise<{ listener: Listener; port: number }> => {
  const listener = createServer((socket) => serveConnection(socket, providerFor, configurationOf()));
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address() as AddressInfo;
      resolve({ listener, port });
    });
  });
};
