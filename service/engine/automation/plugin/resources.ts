/** The life of a resource: what the CLI asks over gRPC, answered by a `ResourceProvider` in plain values. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type {
  CheckRequest,
  CheckResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  InvokeRequest,
  InvokeResponse,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { ResourceProvider } from "../../../cloud/provider.ts";
import { parseImportId } from "../../../cloud/simulated/import-ids.ts";
import { resourceType, resourceTypes } from "../../../cloud/simulated/types/all-types.ts";
import type { JsonObject } from "../../../domain/json.ts";
import { outputSecrets, type Properties } from "../../pulumi/properties.ts";
import { fromStruct, toStruct } from "../../pulumi/wire.ts";
import type { Configuration } from "./configuration.ts";
import { diffResponse } from "./detailed-diff.ts";
import { inProviderWords } from "./failure.ts";
import { asInState, nameStays, withDefaults, withoutDefaults } from "./inputs.ts";

/** Outputs with what is secret in them: what came in as a secret goes out as one. */
const outputsOf = (values: JsonObject, ...origins: Properties[]): Properties => ({
  values,
  secrets: outputSecrets(
    values,
    origins.flatMap(({ secrets }) => secrets),
    [],
  ),
});

/** What an update will leave: old outputs without the inputs that the program took away, and the new inputs. */
const predicted = (oldOutputs: JsonObject, oldInputs: JsonObject, newInputs: JsonObject): JsonObject => {
  const kept = Object.entries(oldOutputs).filter(
    ([key]) => oldInputs[key] === undefined || newInputs[key] !== undefined,
  );
  return { ...Object.fromEntries(kept), ...newInputs };
};

interface Resources {
  check(request: CheckRequest): CheckResponse;
  diff(request: DiffRequest): DiffResponse;
  create(request: CreateRequest): Promise<CreateResponse>;
  read(request: ReadRequest): Promise<ReadResponse>;
  update(request: UpdateRequest): Promise<UpdateResponse>;
  delete(request: DeleteRequest): Promise<Empty>;
  invoke(request: InvokeRequest): Promise<InvokeResponse>;
}

/** Every error of these says what AWS says, in the provider's words. */
export function createResources(provider: ResourceProvider, configuration: Configuration): Resources {
  return {
    check: (request) => {
      const given = fromStruct(request.getNews());
      const type = resourceTypes.get(request.getType());
      const own = type === undefined ? given.values : withoutDefaults(type, given.values);
      const failures = provider.check(request.getType(), own, configuration.scope(own));
      const naming = { name: request.getName(), seed: request.getRandomseed_asU8() };
      const values = type === undefined ? own : withDefaults(type, own, fromStruct(request.getOlds()).values, naming);
      return new messages.CheckResponse()
        .setInputs(toStruct({ values, secrets: given.secrets }))
        .setFailuresList(
          failures.map(({ property, reason }) =>
            new messages.CheckFailure().setProperty(property).setReason(`${property} ${reason}`),
          ),
        );
    },

    diff: (request) => {
      const type = resourceType(request.getType());
      const before = fromStruct(request.getOldInputs()).values;
      const after = fromStruct(request.getNews()).values;
      const { changes } = provider.diff(
        type.token,
        withoutDefaults(type, before),
        withoutDefaults(type, after),
        fromStruct(request.getOlds()).values,
      );
      return diffResponse(changes, nameStays(type, before, after));
    },

    create: async (request) => {
      const given = fromStruct(request.getProperties());
      const type = resourceType(request.getType());
      const inputs = withoutDefaults(type, given.values);
      // What only AWS can tell is left out: the SDK and the CLI take it for unknown.
      if (request.getPreview()) {
        return new messages.CreateResponse().setProperties(toStruct(outputsOf(inputs, given)));
      }
      const scope = configuration.scope(inputs);
      const { id, outputs } = await inProviderWords(
        { doing: "creating", token: type.token, name: request.getName() },
        () => provider.create(type.token, request.getName(), inputs, scope),
      );
      return new messages.CreateResponse().setId(id).setProperties(toStruct(outputsOf(outputs, given)));
    },

    read: async (request) => {
      const { id, region } = parseImportId(request.getId());
      const type = resourceType(request.getType());
      const oldInputs = fromStruct(request.getInputs());
      const oldOutputs = fromStruct(request.getProperties());
      const known = region === null ? [] : [{ region }];
      const scope = configuration.scope(...known, oldInputs.values, oldOutputs.values);
      const found = await inProviderWords({ doing: "reading", token: type.token, name: id }, () =>
        provider.read(type.token, id, scope),
      );
      if (found === null) return new messages.ReadResponse();
      const inputs = outputsOf(asInState(type, found.inputs, oldInputs.values), oldInputs);
      return new messages.ReadResponse()
        .setId(id)
        .setInputs(toStruct(inputs))
        .setProperties(toStruct(outputsOf(found.outputs, oldInputs, oldOutputs)));
    },

    update: async (request) => {
      const id = request.getId();
      const type = resourceType(request.getType());
      const given = fromStruct(request.getNews());
      const old = fromStruct(request.getOlds());
      const inputs = withoutDefaults(type, given.values);
      if (request.getPreview()) {
        const before = withoutDefaults(type, fromStruct(request.getOldInputs()).values);
        const values = predicted(old.values, before, inputs);
        return new messages.UpdateResponse().setProperties(toStruct(outputsOf(values, given, old)));
      }
      const outputs = await inProviderWords({ doing: "updating", token: type.token, name: id }, () =>
        provider.update(type.token, id, inputs, configuration.scope(inputs, old.values)),
      );
      return new messages.UpdateResponse().setProperties(toStruct(outputsOf(outputs, given)));
    },

    delete: async (request) => {
      const id = request.getId();
      const token = request.getType();
      const scope = configuration.scope(
        fromStruct(request.getOldInputs()).values,
        fromStruct(request.getProperties()).values,
      );
      await inProviderWords({ doing: "deleting", token, name: id }, () => provider.delete(token, id, scope));
      return new emptyMessages.Empty();
    },

    invoke: async (request) => {
      const token = request.getTok();
      const { values } = fromStruct(request.getArgs());
      const answer = await inProviderWords({ doing: "calling", token, name: "" }, () =>
        provider.invoke(token, values, configuration.scope(values)),
      );
      return new messages.InvokeResponse().setReturn(toStruct({ values: answer, secrets: [] }));
    },
  };
}
