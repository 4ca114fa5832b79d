import fc from "fast-check";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { foundationRequest } from "../../../service/domain/foundation-document.ts";
import { mostErrors, parseDocument } from "../../../service/domain/parse.ts";
import { environmentInputOf, foundationInputOf, testTarget } from "../../support/documents.ts";

/** Parsed from JSON, so that `__proto__` is a key of its own as it is in a body. */
const fromJson = (text: string): unknown => JSON.parse(text);

type Row = [title: string, changes: Record<string, unknown>, errors: Record<string, RegExp>];

const person = { email: "ann@example.com", givenName: "Ann", familyName: "Ok" };
const statement = { Effect: "Allow", Action: "ssm:GetDocument", Resource: "*" };

const environments: Row[] = [
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
  [
    "__proto__",
    fromJson('{ "__proto__": { "name": "x" } }') as Record<string, unknown>,
    { "/__proto__": /is not a field here/ },
  ],
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
  ["a policy profile that is none", { policyProfile: "strict" }, { "/policyProfile": /"hardened", "whitepaper"/ }],
  ["no session documents", { sessionDocuments: [] }, { "/sessionDocuments": /1 to 3/ }],
  ["a session document twice", { sessionDocuments: ["shell", "ssh", "shell"] }, { "/sessionDocuments/2": /item 0/ }],
  [
    "days that CloudWatch Logs does not know",
    { logging: { cloudWatch: { retentionDays: 100 } } },
    { "/logging/cloudWatch/retentionDays": /1, 3, 5, 7, 14/ },
  ],
  [
    "a key prefix without a slash at its end",
    { logging: { s3: { keyPrefix: "production" } } },
    { "/logging/s3/keyPrefix": /ends with \// },
  ],
  [
    "a key prefix that climbs",
    { logging: { s3: { keyPrefix: "a/../b/" } } },
    { "/logging/s3/keyPrefix": /no empty, \. or \.\. segment/ },
  ],
  [
    "a key prefix with a wildcard",
    { logging: { s3: { keyPrefix: "*/" } } },
    { "/logging/s3/keyPrefix": /letters, digits/ },
  ],
  [
    "a key prefix of 501 characters",
    { logging: { s3: { keyPrefix: `${"p".repeat(500)}/` } } },
    { "/logging/s3/keyPrefix": /2 to 500/ },
  ],
  [
    "on-premises servers without the charges acknowledged",
    { onPremises: {} },
    { "/onPremises/acknowledgeCharges": /must be true/ },
  ],
  [
    "on-premises servers with the charges refused",
    { onPremises: { acknowledgeCharges: false } },
    { "/onPremises/acknowledgeCharges": /must be true/ },
  ],
  [
    "an activation for 1001 servers",
    { onPremises: { acknowledgeCharges: true, registrationLimit: 1001 } },
    { "/onPremises/registrationLimit": /1 to 1000/ },
  ],
  [
    "an activation for 31 days",
    { onPremises: { acknowledgeCharges: true, expiresIn: "P31D" } },
    { "/onPremises/expiresIn": /PT1H to P30D/ },
  ],
  [
    "an activation for a month, whose length varies",
    { onPremises: { acknowledgeCharges: true, expiresIn: "P1M" } },
    { "/onPremises/expiresIn": /weeks, days, hours/ },
  ],
  [
    "an activation elsewhere",
    { onPremises: { acknowledgeCharges: true, target: { ...testTarget, region: "eu-west-1" } } },
    { "/onPremises/target": /one of targets/ },
  ],
  [
    "an activation in one of two targets",
    { targets: [testTarget, { ...testTarget, region: "eu-west-1" }], onPremises: { acknowledgeCharges: true } },
    { "/onPremises/target": /is required with more than one target/ },
  ],
  [
    "adopting a bucket, which is the foundation's",
    { adopt: ["bucket"] },
    { "/adopt/0": /"group", "users", "permission-set", "log-group"/ },
  ],
  ["adopting a thing twice", { adopt: ["users", "users"] }, { "/adopt/1": /item 0/ }],
  ["a truth value in quotes", { protected: "true" }, { "/protected": /true or false/ }],
  [
    "a statement with Action and NotAction",
    { extraStatements: [{ ...statement, NotAction: "ec2:*" }] },
    { "/extraStatements/0/NotAction": /beside Action/ },
  ],
  [
    "a statement without a resource",
    { extraStatements: [{ Effect: "Allow", Action: "*" }] },
    { "/extraStatements/0/Resource": /is required, or NotResource/ },
  ],
  [
    "a statement with a principal",
    { extraStatements: [{ ...statement, Principal: "*" }] },
    { "/extraStatements/0/Principal": /is not a field here/ },
  ],
  [
    "a statement beyond Latin-1",
    { extraStatements: [{ ...statement, Condition: { StringEquals: { "aws:PrincipalTag/team": "日本" } } }] },
    { "/extraStatements/0/Condition/StringEquals/aws:PrincipalTag~1team": /Latin-1/ },
  ],
  [
    "a condition operator that is none",
    { extraStatements: [{ ...statement, Condition: { Equals: { "aws:SourceIp": "x" } } }] },
    { "/extraStatements/0/Condition/Equals": /IAM condition operators/ },
  ],
  [
    "an action without a service",
    { extraStatements: [{ ...statement, Action: "StartSession" }] },
    { "/extraStatements/0/Action": /ssm:DescribeParameters/ },
  ],
  [
    "a Sid twice",
    {
      extraStatements: [
        { ...statement, Sid: "A" },
        { ...statement, Sid: "A" },
      ],
    },
    { "/extraStatements/1": /a Sid/ },
  ],
  [
    "nesting without end",
    { extraStatements: [{ ...statement, Condition: fromJson(`${'{"a":'.repeat(60)}1${"}".repeat(60)}`) }] },
    { [`/extraStatements/0/Condition${"/a".repeat(28)}`]: /nested deeper than 32/ },
  ],
];

const foundations: Row[] = [
  ["no account", { account: undefined }, { "/account": /^is required: an AWS account id/ }],
  ["no region", { region: undefined }, { "/region": /^is required/ }],
  [
    "an idle timeout of 61 minutes",
    { sessionPreferences: { idleTimeoutMinutes: 61 } },
    { "/sessionPreferences/idleTimeoutMinutes": /1 to 60/ },
  ],
  [
    "half a minute",
    { sessionPreferences: { idleTimeoutMinutes: 1.5 } },
    { "/sessionPreferences/idleTimeoutMinutes": /whole number/ },
  ],
  ...[0, 1040, 1099, 1140, 1199, 1240, 1299, 1340, 1399, 1441].map((minutes): Row => [
    `a longest session of ${String(minutes)} minutes`,
    { sessionPreferences: { maxSessionMinutes: minutes } },
    { "/sessionPreferences/maxSessionMinutes": /none from 1040 to 1099/ },
  ]),
  ...[
    "ab",
    "Logs",
    "logs_1",
    "logs..a",
    "192.168.5.4",
    "xn--logs",
    "sthree-logs",
    "logs-s3alias",
    "logs--ol-s3",
    "logs.mrap",
    "-logs",
    "l".repeat(64),
  ].map((bucketName): Row => [
    `the bucket name ${bucketName}`,
    { logArchive: { bucketName } },
    { "/logArchive/bucketName": /3 to 63/ },
  ]),
  ["a log group with a space", { logArchive: { logGroupName: "a b" } }, { "/logArchive/logGroupName": /1 to 512/ }],
  [
    "an environment's log group",
    { logArchive: { logGroupName: "/gatehouse/sessions/production" } },
    { "/logArchive/logGroupName": /not starting with/ },
  ],
  [
    "days that CloudWatch Logs does not know",
    { logArchive: { retentionDays: 0 } },
    { "/logArchive/retentionDays": /can keep/ },
  ],
  [
    "the advanced tier without the charge acknowledged",
    { activationTier: "advanced" },
    { "/acknowledgeCharges": /must be true/ },
  ],
  ["a tier that is none", { activationTier: "premium" }, { "/activationTier": /"none", "standard", "advanced"/ }],
  [
    "an address twice",
    { notifications: { emails: ["a@example.com", "A@example.com"] } },
    { "/notifications/emails/1": /item 0/ },
  ],
  [
    "an address that is none",
    { notifications: { emails: ["security"] } },
    { "/notifications/emails/0": /one e-mail address/ },
  ],
  [
    "a trail name with two hyphens together",
    { notifications: { trail: "a--b" } },
    { "/notifications/trail": /3 to 128/ },
  ],
  [
    "adopting a group, which is an environment's",
    { adopt: ["group"] },
    { "/adopt/0": /"session-preferences", "log-group", "bucket"/ },
  ],
  [
    "host management by hand",
    { hostManagement: { mode: "manual" } },
    { "/hostManagement/mode": /"quick-setup", "none"/ },
  ],
  ["an unknown field", { name: "x" }, { "/name": /is not a field here/ }],
];

/** Pointer to message; two errors of one pointer would hide each other, so their number is compared too. */
const expectErrors = (
  result: ReturnType<typeof parseDocument>,
  prefix: string,
  errors: Record<string, RegExp>,
): void => {
  const given = result.ok ? [] : result.errors;
  expect(given.map(({ pointer }) => pointer).sort()).toEqual(
    expect.arrayContaining(Object.keys(errors).map((pointer) => `${prefix}${pointer}`)),
  );
  for (const [pointer, message] of Object.entries(errors)) {
    expect(given.find((error) => error.pointer === `${prefix}${pointer}`)?.message).toMatch(message);
  }
};

describe("a bad environment document is refused at the field", () => {
  it.each(environments)("%s", (_, changes, errors) => {
    const result = parseDocument(environmentRequest, {
      environment: { ...environmentInputOf(), ...Object.fromEntries(Object.entries(changes)) },
    });
    expectErrors(result, "/environment", errors);
  });
});

describe("a bad foundation document is refused at the field", () => {
  it.each(foundations)("%s", (_, changes, errors) => {
    const result = parseDocument(foundationRequest, { foundation: { ...foundationInputOf(), ...changes } });
    expectErrors(result, "/foundation", errors);
  });
});

describe("the errors of a document", () => {
  it("come all at once, those of single fields with those between fields", () => {
    const result = parseDocument(environmentRequest, {
      action: "apply",
      environment: {
        ...environmentInputOf({ sessionDocuments: ["shell", "shell"] }),
        name: "NO",
        colour: 1,
        targets: [testTarget, testTarget, { account: "1", region: "x" }],
      },
    });
    expect(result.ok ? [] : result.errors.map(({ pointer }) => pointer).sort()).toEqual([
      "/action",
      "/environment/colour",
      "/environment/name",
      "/environment/sessionDocuments/1",
      "/environment/targets/1",
      "/environment/targets/2/account",
      "/environment/targets/2/region",
    ]);
  });

  it.each([
    ["null", null],
    ["a list", []],
    ["a text", "production"],
    ["a number", 1],
  ])("of %s instead of a document say what is wanted", (_, value) => {
    expect(parseDocument(environmentRequest, value)).toEqual({
      ok: false,
      errors: [{ pointer: "", message: "must be an object with the fields action, refresh, onBehalfOf, environment" }],
    });
  });

  it("are at most a hundred", () => {
    const colours = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${String(index)}`, 1]));
    const result = parseDocument(environmentRequest, { environment: colours });
    expect(result.ok ? 0 : result.errors.length).toBe(mostErrors);
  });

  it("repeat neither values nor endless keys", () => {
    const secret = "hunter2-".repeat(100);
    const result = parseDocument(environmentRequest, {
      onBehalfOf: `${secret}\u0000`,
      environment: {
        ...environmentInputOf(),
        name: secret,
        team: { secret },
        adopt: [secret],
        [`x${"y".repeat(10_000)}`]: secret,
      },
    });
    const answer = JSON.stringify(result);
    expect(answer).not.toContain("hunter2");
    expect(answer.length).toBeLessThan(3_000);
  });

  it("are errors, never exceptions, for anything that JSON can say", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("targets", "group", "extraStatements", "permissionSet", "onPremises", "adopt", "tag"),
        (value, field) => {
          const result = parseDocument(environmentRequest, {
            environment: { ...environmentInputOf(), [field]: value },
          });
          expect(result.ok || result.errors.every(({ pointer }) => pointer.startsWith(`/environment`))).toBe(true);
        },
      ),
    );
  });

  it("leave Object.prototype alone", () => {
    parseDocument(
      environmentRequest,
      fromJson(
        '{ "__proto__": { "polluted": 1 }, "environment": { "constructor": { "prototype": { "polluted": 1 } } } }',
      ),
    );
    expect("polluted" in {}).toBe(false);
  });
});
