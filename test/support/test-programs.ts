/**
 * A registry of programs for tests of engines. Its one program makes what its arguments list, so that a scenario is data;
 * it runs in a runner child like the product's own.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface TestResource {
  /** Type token, such as `aws:sns/topic:Topic`. */
  type: string;
  name: string;
  inputs?: Record<string, unknown>;
  /** Inputs that are secret. */
  secret?: string[];
  /** Inputs that come from another resource: its name and output. */
  from?: Record<string, [resource: string, output: string]>;
  /** Outputs that others, or the stack's outputs, refer to. */
  outputs?: string[];
  parent?: string;
  dependsOn?: string[];
  /** One of the program's `providers`, or `none`; left out, the account that all tests share. */
  provider?: string;
  options?: {
    protect?: boolean;
    retainOnDelete?: boolean;
    deleteBeforeReplace?: boolean;
    ignoreChanges?: string[];
    replaceOnChanges?: string[];
    additionalSecretOutputs?: string[];
    import?: string;
  };
}

export interface TestArguments {
  /** `Component` makes a component resource. */
  resources: TestResource[];
  /** Other providers than the one that is always there, by name. */
  providers?: Record<string, { account: string; region: string }>;
  /** Stack outputs. */
  outputs?: Record<string, [resource: string, output: string]>;
  /** How the program goes wrong, once it has made everything. */
  trouble?: "throws" | "rejects" | "input" | "constructor" | "hangs" | "warns" | "invokes";
}

const account = "111122223333";

class Listed extends pulumi.CustomResource {
  constructor(
    { type, name, inputs = {}, secret = [], outputs = [] }: TestResource,
    made: Made,
    resource: TestResource,
  ) {
    const wanted = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const secrets = Object.fromEntries(secret.map((input) => [input, pulumi.secret(inputs[input])]));
    super(type, name, { ...wanted, ...inputs, ...secrets, ...made.references(resource) }, made.options(resource));
  }
}

class Component extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions, broken: boolean) {
    super("test:index:Component", name, {}, options);
    if (broken) throw new Error("The component cannot be made.");
    this.registerOutputs({});
  }
}

/** What was made so far, by name. */
class Made {
  readonly resources = new Map<string, pulumi.Resource>();
  readonly provider = new aws.Provider("account", { region: "us-east-1", allowedAccountIds: [account] });
  readonly providers: ReadonlyMap<string, aws.Provider>;

  constructor(providers: NonNullable<TestArguments["providers"]>) {
    this.providers = new Map(
      Object.entries(providers).map(([name, place]) => [
        name,
        new aws.Provider(name, { region: place.region as aws.Region, allowedAccountIds: [place.account] }),
      ]),
    );
  }

  get(name: string): pulumi.Resource {
    const resource = this.resources.get(name);
    if (!resource) throw new Error(`There is no ${name} in this program.`);
    return resource;
  }

  output([name, output]: [string, string]): unknown {
    return Reflect.get(this.get(name), output);
  }

  references({ from = {} }: TestResource): Record<string, unknown> {
    return Object.fromEntries(Object.entries(from).map(([input, reference]) => [input, this.output(reference)]));
  }

  options(resource: TestResource): pulumi.CustomResourceOptions {
    return {
      ...resource.options,
      ...(resource.provider === "none"
        ? {}
        : { provider: this.providers.get(resource.provider ?? "") ?? this.provider }),
      ...(resource.parent === undefined ? {} : { parent: this.get(resource.parent) }),
      dependsOn: (resource.dependsOn ?? []).map((name) => this.get(name)),
    };
  }
}

const troubles: Record<NonNullable<TestArguments["trouble"]>, (made: Made) => Promise<void>> = {
  throws: () => Promise.reject(new pulumi.RunError("The program gave up.")),
  rejects: () => {
    void Promise.reject(new Error("Nobody took this rejection."));
    return Promise.resolve();
  },
  input: (made) => {
    const broken = pulumi.output("x").apply((): string => {
      throw new Error("This input cannot be worked out.");
    });
    new aws.sns.Topic("broken-topic", { displayName: broken }, { provider: made.provider });
    return Promise.resolve();
  },
  constructor: (made) => {
    new Component("broken-component", { providers: [made.provider] }, true);
    return Promise.resolve();
  },
  hangs: () => new Promise(() => undefined),
  warns: async () => pulumi.log.warn("Mind the gap."),
  invokes: async (made) => {
    await aws.identitystore.getUser(
      {
        identityStoreId: "d-0000000000",
        alternateIdentifier: { uniqueAttribute: { attributePath: "UserName", attributeValue: "nobody" } },
      },
      { provider: made.provider },
    );
  },
};

export const loadPrograms = (): Promise<void> => Promise.resolve();

export async function runProgram(_name: string, json: unknown): Promise<Record<string, unknown>> {
  const { resources, providers = {}, outputs = {}, trouble } = json as TestArguments;
  const made = new Made(providers);
  for (const resource of resources) {
    const options = resource.type === "Component" ? made.options(resource) : {};
    const instance =
      resource.type === "Component"
        ? new Component(resource.name, options, false)
        : new Listed(resource, made, resource);
    made.resources.set(resource.name, instance);
  }
  if (trouble) await troubles[trouble](made);
  return Object.fromEntries(Object.entries(outputs).map(([name, reference]) => [name, made.output(reference)]));
}
