/** A provider's configuration: which account and region it works in (`server.ts`). */
import { isDeepStrictEqual } from "node:util";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type {
  CheckRequest,
  CheckResponse,
  ConfigureRequest,
  ConfigureResponse,
  DiffRequest,
  DiffResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import type { ProviderDiff, Scope } from "../../../cloud/provider.ts";
import type { JsonObject } from "../../../domain/json.ts";
import { scopeOf } from "../../pulumi/scope.ts";
import { fromStruct } from "../../pulumi/wire.ts";
import { diffResponse } from "./detailed-diff.ts";

/** What the CLI says of a provider, and where that leads. */
export interface Configuration {
  check(request: CheckRequest): CheckResponse;
  diff(request: DiffRequest): DiffResponse;
  configure(request: ConfigureRequest): ConfigureResponse;
  /** Where a resource or function with these inputs, or what is known of it, lands. @throws Error before `configure` */
  scope(...known: JsonObject[]): Scope;
}

/**
 * Another region makes another provider, and with it new resources, as the AWS provider has it (`region` forces a new
 * configuration). Other settings only say how to get in.
 */
const changesBetween = (before: JsonObject, after: JsonObject): ProviderDiff["changes"] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => key !== "version" && !isDeepStrictEqual(before[key], after[key]))
    .sort()
    .map((path) => ({ path, from: before[path], to: after[path], replaces: path === "region" }));

const hasRegion = ({ region }: JsonObject): boolean => typeof region === "string" && region !== "";

/** @param home where it works when it is configured with no account or region */
export function createConfiguration(home: Scope): Configuration {
  let settings: JsonObject | null = null;
  return {
    check: (request) => new messages.CheckResponse().setInputs(request.getNews()),
    diff: (request) => {
      const before = fromStruct(request.getOldInputs() ?? request.getOlds()).values;
      return diffResponse(changesBetween(before, fromStruct(request.getNews()).values));
    },
    configure: (request) => {
      settings = fromStruct(request.getArgs()).values;
      return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true).setAcceptresources(false);
    },
    scope: (...known) => {
      // The CLI dials again where a connection broke, or was idle for half an hour, and configures it no second time: nobody can say
      // then whose it was.
      if (settings === null)
        throw new Error("This connection has no configuration: an earlier one was lost. Run again.");
      return scopeOf(settings, known.find(hasRegion) ?? {}, home);
    },
  };
}
