/**
 * What the plain CLI was told of everything that it made, in every recorded life, held to what was read of the provider's
 * documentation. Both engines are held to the same recordings.
 */
import type { JsonObject } from "../../../service/domain/json.ts";
import { castOf, lives } from "../../support/engine-contract/recorded/lives.ts";
import {
  readRecording,
  type RecordedMade,
  type RecordedStep,
} from "../../support/engine-contract/recorded/recording.ts";
import { documentation, documentedResources, faultsOf } from "../../support/provider-documentation/documentation.ts";

/** `type` and `name` of the part of a URN behind the project. */
const partsOf = (resource: string): { type: string; name: string } => {
  const [types = "", name = ""] = resource.split("::");
  return { type: types.split("$").at(-1) ?? "", name };
};

type MadeStep = RecordedStep & { made: RecordedMade };
const isMade = (step: RecordedStep): step is MadeStep => step.made !== undefined;

/** Accounts that the lives' programs work in. */
const accounts = ["111122223333", "222233334444", "333344445555", "444455556666", "555566667777"];

const masked = (computed: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(computed).map(([name, value]) => [name, value === "[secret]" ? "…" : value]));

/** What a program of tests marks as secret, by the resource's name; what the product's mark, the documentation says by type. */
const markedByTests: Record<string, string[]> = { "hidden-topic": ["arn"] };
const markedByProduct = (
  JSON.parse(JSON.stringify(documentation.get("everywhere.json"))) as {
    secret: { byPrograms: Record<string, string[]> };
  }
).secret.byPrograms;

describe.each(
  lives.map(({ name, cast }) => ({ name, cast, steps: readRecording(name).runs.flatMap(({ steps }) => steps) })),
)("recorded: $name", ({ cast, steps }) => {
  const made = steps.filter(isMade);
  const { home } = castOf[cast];

  it("was told what the provider computes, in its forms, of everything that was made", () => {
    const faults = made.flatMap(({ resource, inputs, made: { id, computed } }) => {
      const { type, name } = partsOf(resource);
      if (markedByTests[name] !== undefined) return [];
      const outputs = { ...inputs, ...masked(computed) };
      const region = typeof outputs["region"] === "string" ? outputs["region"] : home.region;
      const tries = [...accounts, home.account].map((account) =>
        faultsOf(type, id, { account, region, logicalName: name, inputs: inputs ?? {}, outputs }),
      );
      const best = tries.reduce((left, right) => (right.length < left.length ? right : left));
      return best.map((fault) => `${resource}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  it("was told no output as a secret but those that a program marks", () => {
    const secrets = made.flatMap(({ resource, made: { computed } }) =>
      Object.entries(computed).flatMap(([name, value]) => (value === "[secret]" ? [`${resource} ${name}`] : [])),
    );
    const expected = made.flatMap(({ resource }) => {
      const { type, name } = partsOf(resource);
      return (markedByTests[name] ?? markedByProduct[type] ?? []).map((output) => `${resource} ${output}`);
    });
    expect(secrets).toEqual(expected);
  });
});

it("is told of every type but what no life makes", () => {
  const steps = lives.flatMap(({ name }) => readRecording(name).runs.flatMap((run) => run.steps.filter(isMade)));
  const told = new Set(steps.map(({ resource }) => partsOf(resource).type));
  // Managed policies and boundaries are what others attach, and a profile is made only where Quick Setup is not used.
  expect([...documentedResources.keys()].filter((type) => !told.has(type)).sort()).toEqual([
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
    "aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment",
  ]);
});
