/** The calls of a plugin in plain values. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { JsonObject } from "../../service/domain/json.ts";
import type { Path } from "../../service/engine/pulumi/properties.ts";
import { fromStruct, toStruct } from "../../service/engine/pulumi/wire.ts";
import { calling } from "./plugin-client.ts";

export const struct = (values: JsonObject, secrets: Path[] = []) => toStruct({ values, secrets });

/** What the CLI asks of a resource named `a`. @throws ServiceError */
export function pluginCalls(client: ResourceProviderClient) {
  const check = async (type: string, news: JsonObject, olds: JsonObject = {}, secrets: Path[] = [], seed = "seed") => {
    const request = new messages.CheckRequest()
      .setType(type)
      .setName("a")
      .setOlds(struct(olds))
      .setNews(struct(news, secrets))
      .setRandomseed(Buffer.from(seed));
    const response = await calling<messages.CheckResponse>((done) => client.check(request, done));
    return {
      ...fromStruct(response.getInputs()),
      failures: response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`),
    };
  };

  const create = async (type: string, inputs: JsonObject, { preview = false, secrets = [] as Path[] } = {}) => {
    const request = new messages.CreateRequest()
      .setType(type)
      .setName("a")
      .setProperties(struct(inputs, secrets))
      .setPreview(preview);
    const response = await calling<messages.CreateResponse>((done) => client.create(request, done));
    return { id: response.getId(), ...fromStruct(response.getProperties()) };
  };

  const diff = async (type: string, oldInputs: JsonObject, news: JsonObject, olds: JsonObject = oldInputs) => {
    const request = new messages.DiffRequest()
      .setType(type)
      .setOldInputs(struct(oldInputs))
      .setOlds(struct(olds))
      .setNews(struct(news));
    const response = await calling<messages.DiffResponse>((done) => client.diff(request, done));
    const kinds: Record<string, number> = {};
    response.getDetaileddiffMap().forEach((property, path) => {
      kinds[path] = property.getKind();
    });
    return {
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      diffs: response.getDiffsList(),
      replaces: response.getReplacesList(),
      deleteFirst: response.getDeletebeforereplace(),
      kinds,
    };
  };

  const read = async (type: string, id: string, inputs: JsonObject = {}, properties: JsonObject = {}) => {
    const request = new messages.ReadRequest()
      .setType(type)
      .setId(id)
      .setInputs(struct(inputs))
      .setProperties(struct(properties));
    const response = await calling<messages.ReadResponse>((done) => client.read(request, done));
    return {
      id: response.getId(),
      inputs: fromStruct(response.getInputs()).values,
      outputs: fromStruct(response.getProperties()).values,
    };
  };

  const update = async (
    type: string,
    id: string,
    oldInputs: JsonObject,
    news: JsonObject,
    olds = {},
    preview = false,
  ) => {
    const request = new messages.UpdateRequest()
      .setType(type)
      .setId(id)
      .setOldInputs(struct(oldInputs))
      .setOlds(struct(olds))
      .setNews(struct(news))
      .setPreview(preview);
    const response = await calling<messages.UpdateResponse>((done) => client.update(request, done));
    return fromStruct(response.getProperties());
  };

  const remove = (type: string, id: string) =>
    calling<unknown>((done) => client.delete(new messages.DeleteRequest().setType(type).setId(id), done));

  const invoke = async (token: string, args: JsonObject) => {
    const request = new messages.InvokeRequest().setTok(token).setArgs(struct(args));
    const response = await calling<messages.InvokeResponse>((done) => client.invoke(request, done));
    return fromStruct(response.getReturn()).values;
  };

  return { check, create, diff, read, update, remove, invoke };
}
