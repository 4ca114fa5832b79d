import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { expectErrors, fromJson } from "../../support/bad-documents.ts";
import type { BadDocument } from "../../support/bad-documents.ts";
import { environmentInputOf, testTarget } from "../../support/documents.ts";

const rows: BadDocument[] = [
  ["no name", { name: undefined }, { "/name": /^is required: a name of 2 to 40/ }],
  ["a name that is a number", { name: 5 }, { "/name": /^must be a name of 2 to 40/ }],
  ["an upper-case name", { name: "Production" }, { "/name": /lower-case/ }],
  ["a name that ends with a hyphen", { name: "production-" }, { "/name": /does not end with a hyphen/ }],
  ["a name of one letter", { name: "p" }, { "/name": /2 to 40/ }],
  ["a name of 41 letters", { name: "p".repeat(41), permissionSet: { name: "P" } }, { "/name": /2 to 40/ }],
  ["a name with a line end after it", { name: "production\n" }, { "/name": /control characters/ }],
  ["a name of a megabyte", { name: "p".repeat(1_000_000) }, { "/name": /2 to 40/ }],
  [
    "a name too long for the default permission set",
    { name: "a-name-of-twenty-letters" },
    { "/permissionSet/name": /is required here.*32/ },
  ],
  ["no tag", { tag: undefined }, { "/tag": /^is required: an object with the fields key, value/ }],
  ["a tag without a value", { tag: { key: "project" } }, { "/tag/value": /^is required: a tag value/ }],
  ["a tag key of AWS", { tag: { key: "AWS:project", value: "x" } }, { "/tag/key": /not starting with aws:/ }],
  ["a tag value of AWS", { tag: { key: "project", value: "aws:x" } }, { "/tag/value": /not starting with aws:/ }],
  ["an empty tag value", { tag: { key: "project", value: "" } }, { "/tag/value": /1 to 256/ }],
  [
    "a tag value beyond Latin-1, which no policy can hold",
    { tag: { key: "project", value: "本番" } },
    { "/tag/value": /Latin-1/ },
  ],
  ["a tag value with a wildcard", { tag: { key: "project", value: "Prod*" } }, { "/tag/value": /letters, digits/ }],
  [
    "a tag value with a policy variable",
    { tag: { key: "project", value: "${aws:username}" } },
    { "/tag/value": /letters, digits/ },
  ],
  ["a tag key of 129 characters", { tag: { key: "k".repeat(129), value: "x" } }, { "/tag/key": /1 to 128/ }],
  ["a tag value of 257 characters", { tag: { key: "project", value: "v".repeat(257) } }, { "/tag/value": /1 to 256/ }],
  [
    "a no-break space in the tag, so in no default description",
    { tag: { key: "project", value: "a\u00a0b" } },
    { "/permissionSet/description": /is required here/ },
  ],
  ["no targets", { targets: [] }, { "/targets": /1 to 100 targets/ }],
  [
    "101 targets",
    {
      targets: Array.from({ length: 101 }, (_, index) => ({ ...testTarget, account: String(100_000_000_000 + index) })),
    },
    { "/targets": /1 to 100 targets/ },
  ],
  ["targets that are no list", { targets: testTarget }, { "/targets": /list of 1 to 100/ }],
  [
    "an account that is a number",
    { targets: [{ ...testTarget, account: 111122223333 }] },
    { "/targets/0/account": /in YAML, in quotes/ },
  ],
  [
    "an account of 11 digits",
    { targets: [{ ...testTarget, account: "11112222333" }] },
    { "/targets/0/account": /12 digits/ },
  ],
  [
    "a region that is none",
    { targets: [{ ...testTarget, region: "ap-southeast-99" }] },
    { "/targets/0/region": /name of an AWS region/ },
  ],
  [
    "the same target twice among fifty",
    {
      targets: [
        ...Array.from({ length: 49 }, (_, index) => ({ ...testTarget, account: String(100_000_000_000 + index) })),
        { ...testTarget, account: "100000000007" },
      ],
    },
    { "/targets/49": /item 7 of the list names already/ },
  ],
  [
    "targets in two partitions",
    { targets: [testTarget, { ...testTarget, region: "cn-north-1" }] },
    { "/targets/1/region": /partition of the other targets \(aws\)/ },
  ],
  ["an unknown field", { colour: "red" }, { "/colour": /is not a field here; the fields are name, team/ }],
  [
    "an unknown field far down",
    { logging: { s3: { bucket: "x" } } },
    { "/logging/s3/bucket": /the fields are keyPrefix/ },
  ],
  ["an unknown field with a slash and a tilde", { "a/b~c": 1 }, { "/a~1b~0c": /is not a field here/ }],
  ["__proto__", fromJson('{ "__proto__": { "name": "x" } }'), { "/__proto__": /is not a field here/ }],
  [
    "constructor in tags",
    { permissionSet: { tags: { constructor: "x" } } },
    { "/permissionSet/tags/constructor": /is not a field here/ },
  ],
  [
    "__proto__ in tags",
    { permissionSet: { tags: fromJson('{ "__proto__": "x" }') } },
    { "/permissionSet/tags/__proto__": /is not a field here/ },
  ],
];

describe("an environment document is refused at the field with", () => {
  it.each(rows)("%s", (_, changes, errors) => {
    const content = { ...environmentInputOf(), ...Object.fromEntries(Object.entries(changes)) };
    expectErrors(environmentRequest, "environment", content, errors);
  });
});
