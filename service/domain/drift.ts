/**
 * What the account has otherwise than it was applied, as far as anybody looked: on environments and foundations. Steps are
 * those of an engine's refresh: `update` where inputs differ, `delete` where the resource is gone.
 */
import { z } from "zod";

/** A step of an engine's refresh, as far as it is kept. */
interface Step {
  op: string;
  urn: string;
  type: string;
  name: string;
  diff: readonly { path: string }[];
}

const driftedResource = z.object({
  urn: z.string().describe("Pulumi's name of the resource."),
  type: z.string().describe("Pulumi's type of it."),
  name: z.string().describe("Its name within the stack."),
  what: z.enum(["changed", "gone"]).describe("`changed`: properties differ; `gone`: it does not exist any more."),
  properties: z
    .array(z.string())
    .describe("Properties that differ, as Pulumi writes their paths; values are on the operation that found it."),
  recorded: z
    .boolean()
    .describe(
      "A refresh has taken it over into the stack's state: any up puts it back. Otherwise only one with `refresh: true` does.",
    ),
});

export const stackDrift = z
  .object({
    checkedAt: z.iso.datetime().describe("When somebody last looked."),
    operation: z
      .string()
      .describe("Id of the operation that looked: a drift check, a refresh, or a preview or up with `refresh: true`."),
    resources: z.array(driftedResource).describe("Empty: everything is as it was applied."),
  })
  .meta({ id: "Drift", description: "What the account has otherwise than it was applied, as far as anybody looked." });
export type StackDrift = z.infer<typeof stackDrift>;
type DriftedResource = StackDrift["resources"][number];

/** A look at the account: by which operation, and what it found. */
interface Look {
  operation: string;
  at: Date;
  drift: readonly Step[];
}

const drifted =
  (recorded: boolean) =>
  ({ urn, type, name, op, diff }: Step): DriftedResource => ({
    urn,
    type,
    name,
    what: op === "delete" ? "gone" : "changed",
    properties: diff.map(({ path }) => path),
    recorded,
  });

/** One entry for a resource: what was found now, with what a refresh took over of the same before. */
const merged = (earlier: readonly DriftedResource[], found: readonly DriftedResource[]): DriftedResource[] => {
  const now = new Map(found.map((resource) => [resource.urn, resource]));
  const [again, untouched] = [earlier.filter(({ urn }) => now.has(urn)), earlier.filter(({ urn }) => !now.has(urn))];
  for (const { urn, properties } of again) {
    const resource = now.get(urn);
    if (resource?.what === "changed")
      now.set(urn, { ...resource, properties: [...new Set([...properties, ...resource.properties])] });
  }
  return [...untouched, ...now.values()];
};

const recordedOf = (known: StackDrift | null): DriftedResource[] =>
  known?.resources.filter(({ recorded }) => recorded) ?? [];

/**
 * After a look that left the state untouched. What a refresh had taken over is no difference to the state any more, and still
 * one to what was applied: it stays.
 */
export const afterCheck = (known: StackDrift | null, { operation, at, drift }: Look): StackDrift => ({
  checkedAt: at.toISOString(),
  operation,
  resources: merged(recordedOf(known), drift.map(drifted(false))),
});

/** After a look whose findings the state has taken over. */
export const afterRefresh = (known: StackDrift | null, { operation, at, drift }: Look): StackDrift => ({
  checkedAt: at.toISOString(),
  operation,
  resources: merged(recordedOf(known), drift.map(drifted(true))),
});

/**
 * After an up that succeeded: what the state knew of is put back. With a refresh that is everything; without one, what no
 * refresh took over was not looked at and is as it was.
 *
 * @param look `null`: it did not look.
 */
export const afterUp = (known: StackDrift | null, look: Omit<Look, "drift"> | null): StackDrift | null => {
  if (look !== null) return { checkedAt: look.at.toISOString(), operation: look.operation, resources: [] };
  return known === null ? null : { ...known, resources: known.resources.filter(({ recorded }) => !recorded) };
};
