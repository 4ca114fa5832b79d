import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceOutputsRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import type { MockCallArgs, MockResourceArgs, MockResourceResult } from "@pulumi/pulumi/runtime/mocks.js";

/**
 * Runs a Pulumi program without an engine and records what it registers: more than the SDK's own mocks show, namely
 * parents, dependencies, providers and options, which are half of what a component promises.
 */

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Values = Record<string, Value>;

export interface Registration {
  urn: string;
  type: string;
  name: string;
  custom: boolean;
  inputs: Values;
  /** Dotted paths of the inputs that are secret. */
  secretInputs: string[];
  /** Names of parent, provider and dependencies: names are unique per type, and readable in a failing test. */
  parent: string | null;
  provider: string | null;
  dependencies: string[];
  importId: string | null;
  retainOnDelete: boolean;
  protect: boolean;
  /** `null`: the program leaves it to the provider. */
  deleteBeforeReplace: boolean | null;
  additionalSecretOutputs: string[];
  ignoreChanges: string[];
}

export interface Call {
  token: string;
  inputs: Values;
  provider: string | null;
}

export interface StackRun {
  /** In order of registration, without the stack itself. */
  registrations: Registration[];
  calls: Call[];
  outputs: Values;
  secretOutputs: string[];
  /** The one registration of this type and name; with the name left out, the only one of its type. */
  find: (type: string, name?: string) => Registration;
  all: (type: string) => Registration[];
}

export interface MockAnswers {
  /** Computed outputs of a resource, over its inputs; `id` sets the id, which is else `<name>-id`. */
  resource?: (type: string, name: string, inputs: Values) => Values;
  /** The answer of a function. */
  call?: (token: string, inputs: Values) => Values;
}

// Keys by which Pulumi's wire format marks special values: sdk/nodejs/runtime/rpc.ts.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const isRecord = (value: Value): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Takes the secret marks off a wire value and lists where they were. */
const unwrap = (value: Value, path: string, secrets: string[]): Value => {
  if (Array.isArray(value)) return value.map((item, index) => unwrap(item, `${path}[${index}]`, secrets));
  if (!isRecord(value)) return value;
  if (value[signatureKey] === secretSignature) {
    secrets.push(path);
    return unwrap(value["value"] ?? null, path, secrets);
  }
  const under = (key: string): string => (path === "" ? key : `${path}.${key}`);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item, under(key), secrets)]));
};

const unwrapAll = (values: Values): { plain: Values; secrets: string[] } => {
  const secrets: string[] = [];
  const plain = unwrap(values, "", secrets);
  return { plain: isRecord(plain) ? plain : {}, secrets };
};

/** The name at the end of a URN, or of a provider reference (`<urn>::<id>`). */
const nameOf = (urn: string, at = -1): string | null => (urn === "" ? null : (urn.split("::").at(at) ?? null));

const describe = (request: RegisterResourceRequest, urn: string): Registration => {
  const { plain, secrets } = unwrapAll(request.getObject()?.toJavaScript() as Values);
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs: plain,
    secretInputs: secrets,
    parent: nameOf(request.getParent()),
    provider: nameOf(request.getProvider(), -2),
    dependencies: request.getDependenciesList().map((dependency) => nameOf(dependency) ?? dependency),
    importId: request.getImportid() || null,
    retainOnDelete: request.getRetainondelete() ?? false,
    protect: request.getProtect() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : null,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ignoreChanges: request.getIgnorechangesList(),
  };
};

class RecordingMonitor extends MockMonitor {
  readonly registrations: Registration[];
  outputs: Values = {};

  constructor(mocks: pulumi.runtime.Mocks, registrations: Registration[]) {
    super(mocks);
    this.registrations = registrations;
  }

  override async registerResource(
    request: RegisterResourceRequest,
    callback: (error: unknown, response: unknown) => void,
  ): Promise<void> {
    const parentType = request.getParent().split("::")[2];
    const chain = parentType === undefined ? "" : `${parentType}$`;
    const registration = describe(request, `${chain}${request.getType()}::${request.getName()}`);
    // The engine refuses a second resource with the same URN; so do we.
    if (this.registrations.some((other) => other.urn === registration.urn)) {
      callback(new Error(`Duplicate resource URN '${registration.urn}'`), undefined);
      return;
    }
    this.registrations.push(registration);
    await super.registerResource(request, callback);
  }

  override registerResourceOutputs(
    request: RegisterResourceOutputsRequest,
    callback: (error: unknown, response: unknown) => void,
  ): void {
    if (request.getUrn().includes("pulumi:pulumi:Stack")) {
      this.outputs = request.getOutputs()?.toJavaScript() ?? {};
    }
    super.registerResourceOutputs(request, callback);
  }
}

/** An input that holds a JSON document, such as a policy. */
export const parseJson = (value: Value | undefined): Values => {
  if (typeof value !== "string") throw new Error(`Expected a JSON document, got ${typeof value}`);
  return JSON.parse(value) as Values;
};

/** Runs a program to its end and gives everything that it registered. Rejects when the program does. */
export const runStack = async (program: () => Promise<object>, answers: MockAnswers = {}): Promise<StackRun> => {
  const calls: Call[] = [];
  const registered: Registration[] = [];
  const newResource = ({ type, name, inputs, id }: MockResourceArgs): MockResourceResult => {
    const given = inputs as Values;
    const state: Values = { ...given, ...answers.resource?.(type, name, given) };
    const secrets = registered.find((other) => other.type === type && other.name === name)?.additionalSecretOutputs;
    const marked = Object.entries(state).map(([key, value]): [string, unknown] =>
      secrets?.includes(key) ? [key, pulumi.secret(value)] : [key, value],
    );
    const stateId = typeof state["id"] === "string" ? state["id"] : `${name}-id`;
    return { id: id || stateId, state: Object.fromEntries(marked) };
  };
  const call = ({ token, inputs, provider }: MockCallArgs): Values => {
    calls.push({ token, inputs: inputs as Values, provider: nameOf(provider ?? "", -2) });
    return answers.call?.(token, inputs as Values) ?? {};
  };
  const monitor = new RecordingMonitor({ newResource, call }, registered);

  // The first call sets the runtime's feature flags, the second puts our monitor in place of the SDK's.
  await pulumi.runtime.setMocks({ newResource, call }, "gatehouse", "test");
  pulumi.runtime.setMockOptions(monitor, "gatehouse", "test");
  // The SDK keeps a second promise of the program that nobody awaits: let its rejection out here only.
  const failures: unknown[] = [];
  // It takes a stack trace for each of its promises, which jest has of a hundred frames.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.runInPulumiStack(() => program().catch((failure: unknown) => void failures.push(failure)));
    await pulumi.runtime.disconnect();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  if (failures.length > 0) throw failures[0];

  const registrations = registered.filter((registration) => registration.type !== "pulumi:pulumi:Stack");
  const outputs = unwrapAll(monitor.outputs);
  const all = (type: string) => registrations.filter((registration) => registration.type === type);
  return {
    registrations,
    calls,
    outputs: outputs.plain,
    secretOutputs: outputs.secrets,
    all,
    find: (type, name) => {
      const found = all(type).filter((registration) => name === undefined || registration.name === name);
      if (found.length === 1 && found[0] !== undefined) return found[0];
      const known = registrations.map((registration) => `${registration.type} ${registration.name}`);
      throw new Error(`Expected one ${type} ${name ?? ""}, found ${found.length}. Registered:\n${known.join("\n")}`);
    },
  };
};
