import fc from "../../support/properties.ts";
import {
  bindsRevision,
  failedPrecondition,
  isKnown,
  parseEntityTags,
  revisionTag,
  type Preconditions,
} from "../../../service/domain/preconditions.ts";

const tags = (header: string) => {
  const parsed = parseEntityTags(header);
  if (parsed === null) throw new Error(`${header} was not taken`);
  return parsed;
};
const when = (headers: { match?: string; noneMatch?: string }): Preconditions => ({
  ifMatch: headers.match === undefined ? null : tags(headers.match),
  ifNoneMatch: headers.noneMatch === undefined ? null : tags(headers.noneMatch),
});

describe("entity tags in headers", () => {
  it.each([
    ["*", "any"],
    ['"3"', [{ value: "3", weak: false }]],
    ['W/"3"', [{ value: "3", weak: true }]],
    [
      '"3" , W/"4",',
      [
        { value: "3", weak: false },
        { value: "4", weak: true },
      ],
    ],
    ['"a,b"', [{ value: "a,b", weak: false }]],
    ['""', [{ value: "", weak: false }]],
  ])("are read from %s", (header, expected) => {
    expect(parseEntityTags(header)).toEqual(expected);
  });

  it.each(["3", '"3', '3"', "", ",", '"3" "4"', 'w/"3"', '*, "3"', '"a b"', '"3";'])(
    "are not read from %j",
    (header) => {
      expect(parseEntityTags(header)).toBeNull();
    },
  );

  it("say which revision they are of", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (revision, other) => {
        expect(isKnown(parseEntityTags(revisionTag(revision)), revision)).toBe(true);
        expect(isKnown(parseEntityTags(`W/${revisionTag(revision)}`), revision)).toBe(true);
        expect(isKnown(parseEntityTags(revisionTag(other)), revision)).toBe(other === revision);
      }),
    );
  });

  it("never break the reader", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ",", "W/", "3", " ", "*") }), (header) => {
        const parsed = parseEntityTags(header);
        if (parsed !== null && parsed !== "any") expect(parsed.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("preconditions of a stack", () => {
  const active = { revision: 3, exists: true };
  const previewed = { revision: 0, exists: false };

  it.each([
    ["nothing asked", {}, active, null],
    ["its revision", { match: '"3"' }, active, null],
    ["one of several", { match: '"2", "3"' }, active, null],
    ["an older revision", { match: '"2"' }, active, "If-Match"],
    ["a weak tag, which changes nothing", { match: 'W/"3"' }, active, "If-Match"],
    ["a tag that is no revision", { match: '"abc"' }, active, "If-Match"],
    ["that it exists, and it does", { match: "*" }, active, null],
    ["that it exists, and it was only previewed", { match: "*" }, previewed, "If-Match"],
    ["that it exists, and nobody named it", { match: "*" }, null, "If-Match"],
    ["a revision of what nobody named", { match: '"0"' }, null, "If-Match"],
    ["the revision of what was only previewed", { match: '"0"' }, previewed, null],
    ["that it is new, and it is there", { noneMatch: "*" }, active, "If-None-Match"],
    ["that it is new, and it was only previewed", { noneMatch: "*" }, previewed, null],
    ["that it is new, and nobody named it", { noneMatch: "*" }, null, null],
    ["another revision than it has", { noneMatch: '"2"' }, active, null],
    ["not its revision, weak or not", { noneMatch: 'W/"3"' }, active, "If-None-Match"],
    ["both, of which the first fails", { match: '"2"', noneMatch: "*" }, active, "If-Match"],
  ] as const)("with %s", (_case, headers, stack, failed) => {
    expect(failedPrecondition(when(headers), stack)).toBe(failed);
  });

  it("bind the work to the revision where one is named, or none may be there", () => {
    expect(bindsRevision(when({ match: '"3"' }))).toBe(true);
    expect(bindsRevision(when({ noneMatch: "*" }))).toBe(true);
    expect(bindsRevision(when({ match: "*" }))).toBe(false);
    expect(bindsRevision(when({ noneMatch: '"2"' }))).toBe(false);
    expect(bindsRevision(when({}))).toBe(false);
  });
});
