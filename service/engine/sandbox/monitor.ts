/**
 * The resource monitor that the Pulumi SDK talks to, in process: what the CLI serves over gRPC, as the calls of the SDK's
 * mock runtime (`runtime/mocks`). It translates protobuf to goals and back, and decides nothing.
 */
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { parseImportId } from "../../cloud/simulated/import-ids.ts";
import type { Deployment } from "./deployment.ts";
import { plainProperties } from "../pulumi/properties.ts";
import { StepError } from "./run-record.ts";
import type { Goal } from "./state.ts";
import { fromStruct, toStruct } from "../pulumi/wire.ts";

/** As gRPC hands errors over: the SDK reads `message` of registrations and `details` of invokes. */
interface CallError extends Error {
  code: number;
  details: string;
}

type Callback<Response> = (error: CallError | null, response?: Response) => void;

/** gRPC status codes, as gRPC numbers them. */
const status = { unknown: 2, unimplemented: 12 };

const callError = (error: unknown, code = status.unknown): CallError => {
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message), { code, details: message });
};

const textOrNull = (text: string): string | null => (text === "" ? null : text);

const urnLists = (request: RegisterResourceRequest): Record<string, string[]> => {
  const lists: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, property) => {
    lists[property] = dependencies.getUrnsList();
  });
  return lists;
};

const goalOf = (request: RegisterResourceRequest): Goal => ({
  type: request.getType(),
  name: request.getName(),
  custom: request.getCustom(),
  parent: textOrNull(request.getParent()),
  inputs: fromStruct(request.getObject()),
  provider: textOrNull(request.getProvider()),
  dependencies: request.getDependenciesList(),
  propertyDependencies: urnLists(request),
  protect: request.hasProtect() ? request.getProtect() : undefined,
  retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
  deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
  ignoreChanges: request.getIgnorechangesList(),
  replaceOnChanges: request.getReplaceonchangesList(),
  additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  aliases: request.getAliasurnsList(),
  importId: importedId(request.getImportid()),
});

/** The inputs say in which region it is. */
const importedId = (text: string): string | null => (text === "" ? null : parseImportId(text).id);

const readGoalOf = (request: ReadResourceRequest): Goal => ({
  type: request.getType(),
  name: request.getName(),
  custom: true,
  parent: textOrNull(request.getParent()),
  inputs: fromStruct(request.getProperties()),
  provider: textOrNull(request.getProvider()),
  dependencies: request.getDependenciesList(),
  propertyDependencies: {},
  protect: undefined,
  retainOnDelete: undefined,
  deleteBeforeReplace: undefined,
  ignoreChanges: [],
  replaceOnChanges: [],
  additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  aliases: [],
  importId: null,
});

/**
 * Answers a call when there is an answer. A run that has stopped gives none: the program then stays where it is, which is
 * how it takes no further step, and its process is not used again.
 */
function answer<Response>(callback: Callback<Response>, work: () => Promise<Response | null>): void {
  work().then(
    (response) => {
      if (response !== null) callback(null, response);
    },
    (error: unknown) => callback(callError(error)),
  );
}

/** The calls of the SDK's monitor client that programs of ours lead to; the others say that there is no such call. */
export function createMonitor(deployment: Deployment) {
  const features = resourceMessages.ResourceMonitorFeature;
  return {
    // Left out are features that the sandbox has no part in (transforms, hooks, deletedWith, …): the SDK then refuses them
    // by name. Without resource references and alias specs it sends ids and finished URNs.
    getDeploymentInfo: (
      _request: unknown,
      callback: Callback<InstanceType<typeof resourceMessages.DeploymentInfo>>,
    ) => {
      const information = new resourceMessages.DeploymentInfo();
      information.setSupportedfeaturesList([features.RESOURCE_MONITOR_FEATURE_SECRETS]);
      callback(null, information);
    },
    supportsFeature: (_request: unknown, callback: Callback<never>) =>
      callback(callError("Features are listed by getDeploymentInfo.", status.unimplemented)),
    registerResource: (
      request: RegisterResourceRequest,
      callback: Callback<InstanceType<typeof resourceMessages.RegisterResourceResponse>>,
    ) =>
      answer(callback, async () => {
        if (request.getRemote())
          throw new StepError(`${request.getType()} is a component of another process, which the sandbox cannot run.`);
        const registered = await deployment.register(goalOf(request));
        if (!registered) return null;
        const response = new resourceMessages.RegisterResourceResponse();
        response.setUrn(registered.urn);
        response.setId(registered.id ?? "");
        response.setObject(toStruct(registered.outputs));
        return response;
      }),
    registerResourceOutputs: (
      request: RegisterResourceOutputsRequest,
      callback: Callback<InstanceType<typeof emptyMessages.Empty>>,
    ) =>
      answer(callback, async () => {
        const done = await deployment.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
        return done && new emptyMessages.Empty();
      }),
    readResource: (
      request: ReadResourceRequest,
      callback: Callback<InstanceType<typeof resourceMessages.ReadResourceResponse>>,
    ) =>
      answer(callback, async () => {
        const found = await deployment.read(readGoalOf(request), request.getId());
        if (!found) return null;
        const response = new resourceMessages.ReadResourceResponse();
        response.setUrn(found.urn);
        response.setProperties(toStruct(found.outputs));
        return response;
      }),
    invoke: (
      request: ResourceInvokeRequest,
      callback: Callback<InstanceType<typeof resourceMessages.ResourceInvokeResponse>>,
    ) =>
      answer(callback, async () => {
        const inputs = fromStruct(request.getArgs()).values;
        const result = await deployment.invoke(request.getTok(), inputs, textOrNull(request.getProvider()));
        if (!result) return null;
        const response = new resourceMessages.ResourceInvokeResponse();
        response.setReturn(toStruct(plainProperties(result)));
        return response;
      }),
    call: (_request: unknown, callback: Callback<never>) =>
      callback(callError("The sandbox calls no methods of resources.", status.unimplemented)),
    registerPackage: (_request: unknown, callback: Callback<never>) =>
      callback(callError("The sandbox knows no parameterized packages.", status.unimplemented)),
    signalAndWaitForShutdown: (_request: unknown, callback: Callback<InstanceType<typeof emptyMessages.Empty>>) =>
      callback(null, new emptyMessages.Empty()),
    // Nothing to close: the SDK closes its client when it disconnects.
    close: () => undefined,
  };
}
