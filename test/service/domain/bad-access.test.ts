import { accessCheck } from "../../../service/domain/access.ts";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { expectErrors } from "../../support/bad-documents.ts";
import type { BadDocument } from "../../support/bad-documents.ts";
import { environmentInputOf } from "../../support/documents.ts";

const person = { email: "ann@example.com", givenName: "Ann", familyName: "Ok" };

const rows: BadDocument[] = [
  ["a null where a text is wanted", { team: null }, { "/team": /^must be a team name/ }],
  ["a control character in the description", { description: "a\u0000b" }, { "/description": /control characters/ }],
  ["a C1 control character in the description", { description: "a\u0085b" }, { "/description": /control characters/ }],
  ["half a surrogate pair in the description", { description: "a\ud83d" }, { "/description": /valid Unicode/ }],
  [
    "a right-to-left override in the description",
    { description: "abc\u202egnp.exe" },
    { "/description": /direction of writing/ },
  ],
  [
    "a right-to-left override in a group name",
    { group: { name: "x\u202eA" } },
    { "/group/name": /direction of writing/ },
  ],
  [
    "a zero-width joiner in a group name, as in family emoji: AWS takes no formatting characters",
    { group: { name: "👨\u200d👩" }, permissionSet: { tags: {} } },
    { "/group/name": /letters, marks, symbols/ },
  ],
  ["a group name that AWS keeps", { group: { name: "AWSAdministrators" } }, { "/group/name": /not Administrator/ }],
  ["an empty group description", { group: { description: "" } }, { "/group/description": /1 to 1024/ }],
  ["a group name that is no tag value", { group: { name: "Ops 😀" } }, { "/permissionSet/tags": /is required here/ }],
  ["a group source that is none", { group: { source: "okta" } }, { "/group/source": /"identity-center", "external"/ }],
  [
    "members of an external group",
    { group: { source: "external", members: [{ userName: "ann" }] } },
    { "/group/members": /must be empty/ },
  ],
  ["adopting an external group", { group: { source: "external" }, adopt: ["group"] }, { "/adopt/0": /only looked up/ }],
  [
    "a person twice, case aside",
    { group: { members: [{ userName: "ann" }, { userName: "Ann" }] } },
    { "/group/members/1": /item 0 of the list/ },
  ],
  [
    "an e-mail address twice",
    {
      group: {
        members: [
          { userName: "ann", ...person },
          { userName: "bob", ...person, email: "ANN@example.com" },
        ],
      },
    },
    { "/group/members/1": /e-mail address/ },
  ],
  [
    "a person with half the details",
    { group: { members: [{ userName: "ann", email: "ann@example.com" }] } },
    { "/group/members/0/givenName": /together/, "/group/members/0/familyName": /together/ },
  ],
  [
    "deleting a person who is only named",
    { group: { members: [{ userName: "ann", onRemoval: "delete" }] } },
    { "/group/members/0/onRemoval": /must be "retain"/ },
  ],
  [
    "a user name with a space",
    { group: { members: [{ userName: "ann lee" }] } },
    { "/group/members/0/userName": /without spaces/ },
  ],
  [
    "a user name with a colon",
    { group: { members: [{ userName: "ann:lee" }] } },
    { "/group/members/0/userName": /< > ; : %/ },
  ],
  [
    "a user name of 129 characters",
    { group: { members: [{ userName: "a".repeat(129) }] } },
    { "/group/members/0/userName": /1 to 128/ },
  ],
  [
    "two e-mail addresses in one",
    { group: { members: [{ userName: "ann", ...person, email: "a@example.com,b@example.com" }] } },
    { "/group/members/0/email": /one e-mail address/ },
  ],
  [
    "a permission set name of 33 characters",
    { permissionSet: { name: "p".repeat(33) } },
    { "/permissionSet/name": /1 to 32/ },
  ],
  [
    "a permission set name with a space",
    { permissionSet: { name: "Production Access" } },
    { "/permissionSet/name": /letters, digits and _ \+ =/ },
  ],
  [
    "an emoji in the permission set's description, which AWS refuses",
    { permissionSet: { description: "Prod 😀" } },
    { "/permissionSet/description": /Latin-1/ },
  ],
  [
    "a description of 701 characters",
    { permissionSet: { description: "d".repeat(701) } },
    { "/permissionSet/description": /1 to 700/ },
  ],
  [
    "a session of 13 hours",
    { permissionSet: { sessionDuration: "PT13H" } },
    { "/permissionSet/sessionDuration": /PT1H to PT12H/ },
  ],
  [
    "a session of 59 minutes",
    { permissionSet: { sessionDuration: "PT59M" } },
    { "/permissionSet/sessionDuration": /PT1H to PT12H/ },
  ],
  [
    "a session in words",
    { permissionSet: { sessionDuration: "1h" } },
    { "/permissionSet/sessionDuration": /ISO 8601/ },
  ],
  [
    "a relay state of 241 characters",
    { permissionSet: { relayState: "h".repeat(241) } },
    { "/permissionSet/relayState": /1 to 240/ },
  ],
  [
    "51 tags",
    {
      permissionSet: { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${String(index)}`, "v"])) },
    },
    { "/permissionSet/tags": /at most 50/ },
  ],
  [
    "tag keys that differ in case only",
    { permissionSet: { tags: { Name: "a", name: "b" } } },
    { "/permissionSet/tags/name": /case/ },
  ],
  [
    "a tag key of AWS on the permission set",
    { permissionSet: { tags: { "aws:x": "y" } } },
    { "/permissionSet/tags/aws:x": /key that is not allowed/ },
  ],
];

describe("who may reach what is refused at the field with", () => {
  it.each(rows)("%s", (_, changes, errors) => {
    const content = { ...environmentInputOf(), ...Object.fromEntries(Object.entries(changes)) };
    expectErrors(environmentRequest, "environment", content, errors);
  });
});

describe("a question about access", () => {
  const asking = (node: object) =>
    accessCheck.safeParse({
      principal: { userName: "testuser01" },
      action: "ssm:StartSession",
      node: { account: "111122223333", region: "ap-southeast-1", tags: {}, ...node },
    });

  it("names a node whose id is of its kind, or none", () => {
    expect(asking({ kind: "ec2", id: "i-0123456789abcdef0" }).success).toBe(true);
    expect(asking({ kind: "managed", id: "mi-0123456789abcdef0" }).success).toBe(true);
    expect(asking({ kind: "managed" }).success).toBe(true);
    expect(asking({ kind: "ec2", id: "mi-0123456789abcdef0" }).error?.issues).toMatchObject([{ path: ["node", "id"] }]);
    expect(asking({ kind: "managed", id: "i-0123456789abcdef0" }).success).toBe(false);
  });
});
