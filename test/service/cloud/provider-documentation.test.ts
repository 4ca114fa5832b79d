/**
 * What replaces a resource, what changes it in place and what AWS computes: the simulated account held to the provider's pages and
 * schemas. The fixture says which was read, at which commit, and what is undecided, and held to nothing.
 */
import { readFileSync } from "node:fs";
import { resourceType, resourceTypes } from "../../../service/cloud/simulated/types/all-types.ts";

interface Documented {
  type: string;
  /** Page of the provider; what of its repository was read, and at which commit. */
  source: { page: string; read: string; commit: string | null };
  replaces: string[];
  updates: string[];
  computed: string[];
}

const fixture = new URL("../../fixtures/provider-documentation/replace-triggers.json", import.meta.url);
const { documented, undecided } = JSON.parse(readFileSync(fixture, "utf8")) as {
  documented: Documented[];
  /** Properties of sourced types that are held to nothing, each with why. */
  undecided: Record<string, Record<string, string>>;
};

describe.each(documented)("$type, by $source.page", ({ type, replaces, updates, computed }) => {
  const { properties, computed: outputs } = resourceType(type);
  const isDecided = (name: string): boolean => undecided[type]?.[name] === undefined;

  it("is replaced for what the provider cannot change, and changed in place for the rest", () => {
    expect(replaces.filter((name) => properties[name]?.replaces === true)).toEqual(replaces);
    expect(updates.filter((name) => properties[name] === undefined)).toEqual([]);
    expect(updates.filter((name) => properties[name]?.replaces !== undefined)).toEqual([]);
  });

  it("has what AWS computes", () => {
    const known = (name: string): boolean =>
      name in outputs || properties[name]?.computed === true || properties[name]?.default !== undefined;
    expect(computed.filter((name) => isDecided(name) && !known(name))).toEqual([]);
  });
});

it("has a page for every type", () => {
  expect(documented.map(({ type }) => type).sort()).toEqual([...resourceTypes.keys()].sort());
});
