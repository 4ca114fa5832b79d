/**
 * Which resource a program's error belongs to. The SDK notes what it prepares to register; an error that comes out of a
 * resource's inputs carries that note, and one thrown by a component's constructor has its class on the stack.
 */
import { makeUrn, stackType } from "./urn.ts";

interface SdkResource {
  __name: string;
  __pulumiType: string;
  __parentResource?: unknown;
}

interface Preparation {
  label: string;
  resource: SdkResource;
}

const isSdkResource = (value: unknown): value is SdkResource =>
  typeof value === "object" &&
  value !== null &&
  "__name" in value &&
  typeof value.__name === "string" &&
  "__pulumiType" in value &&
  typeof value.__pulumiType === "string";

const textOf = (value: unknown, key: string): string | undefined => {
  if (typeof value !== "object" || value === null || !(key in value)) return undefined;
  const text: unknown = Reflect.get(value, key);
  return typeof text === "string" ? text : undefined;
};

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

/** Stands in for the SDK's map of preparations, and remembers what went through it. */
export class PreparationLog extends Map<unknown, unknown> {
  readonly preparations: Preparation[] = [];
  override set(resource: unknown, preparation: unknown): this {
    const label = textOf(preparation, "label");
    if (label !== undefined && isSdkResource(resource)) this.preparations.push({ label, resource });
    return super.set(resource, preparation);
  }
}

const urnOf = (stack: string, project: string, resource: SdkResource): string => {
  const parent = isSdkResource(resource.__parentResource) ? urnOf(stack, project, resource.__parentResource) : null;
  return makeUrn({ stack, project, parent, type: resource.__pulumiType, name: resource.__name });
};

/** Classes whose constructors an error came through, innermost first. */
const constructorsOf = (error: unknown): string[] =>
  [...(textOf(error, "stack") ?? "").matchAll(/^\s+at new (\w+)/gm)].map(([, name]) => name ?? "");

/** The resource whose class the error came through last: type tokens end with the name of the class. */
const underConstruction = (error: unknown, log: PreparationLog): SdkResource | undefined =>
  constructorsOf(error)
    .map((name) => log.preparations.findLast(({ resource }) => resource.__pulumiType.split(":").at(-1) === name))
    .find((preparation) => preparation !== undefined)?.resource;

/** The URN of the resource that an error names, is labelled with, or was thrown in the making of. */
export function blamedUrn(error: unknown, log: PreparationLog, stack: string, project: string): string | null {
  const named = memberOf(error, "resource");
  const label = textOf(memberOf(error, "promise"), "_debugCtx");
  const labelled = log.preparations.find((preparation) => preparation.label === label)?.resource;
  const resource = isSdkResource(named) ? named : (labelled ?? underConstruction(error, log));
  return resource && resource.__pulumiType !== stackType ? urnOf(stack, project, resource) : null;
}
