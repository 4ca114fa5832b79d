import fc from "./properties.ts";
import { environmentDocument } from "../../service/domain/environment-document.ts";
import type { EnvironmentInput, EnvironmentSpec } from "../../service/domain/environment-document.ts";
import { foundationDocument } from "../../service/domain/foundation-document.ts";
import type { FoundationInput, FoundationSpec } from "../../service/domain/foundation-document.ts";
import { retentionDaysAllowed } from "../../service/domain/logging-fields.ts";
import { regionsByPartition } from "../../service/domain/regions.ts";

/** Request documents for tests: the AWS guide's, with what a test cares about put in. */

export const testAccount = "111122223333";
export const testRegion = "ap-southeast-1";
export const testTarget = { account: testAccount, region: testRegion } as const;

/** The guide's production environment, as a caller writes it. */
export const environmentInputOf = (changes: Partial<EnvironmentInput> = {}): EnvironmentInput => ({
  name: "production",
  tag: { key: "project", value: "Production" },
  group: {
    members: [{ userName: "testuser01", email: "testuser01@example.com", givenName: "Test", familyName: "User01" }],
  },
  targets: [testTarget],
  ...changes,
});

/** The guide's production environment with every default filled in. Throws for a document that is refused. */
export const environmentDocumentOf = (changes: Partial<EnvironmentInput> = {}): EnvironmentSpec =>
  environmentDocument.parse(environmentInputOf(changes));

/** The foundation of the guide's account and region, as a caller writes it. */
export const foundationInputOf = (changes: Partial<FoundationInput> = {}): FoundationInput => ({
  ...testTarget,
  ...changes,
});

/** The foundation of the guide's account and region with every default filled in. */
export const foundationDocumentOf = (changes: Partial<FoundationInput> = {}): FoundationSpec =>
  foundationDocument.parse(foundationInputOf(changes));

const characters = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength });

const lowerCase = "abcdefghijklmnopqrstuvwxyz";
const alphanumeric = `${lowerCase}ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`;

/** At most 18 characters, so that the names that AWS limits to 32 can be made from it. */
const name = fc
  .tuple(
    characters(lowerCase, 1, 1),
    characters(`${lowerCase}0123456789-`, 0, 16),
    characters(`${lowerCase}0123456789`, 1, 1),
  )
  .map((parts) => parts.join(""));

const tagText = characters(`${alphanumeric}_.:/=+@- ÄéøÑ`, 1, 40).filter((text) => !/^aws:/i.test(text));
const identityText = characters(`${alphanumeric} -'é日本עברית😀`, 1, 40);
const accountId = characters("0123456789", 12, 12);

const targetsOf = (regions: readonly (typeof regionsByPartition)[keyof typeof regionsByPartition][number][]) =>
  fc.uniqueArray(fc.record({ account: accountId, region: fc.constantFrom(...regions) }), {
    minLength: 1,
    maxLength: 5,
    selector: ({ account, region }) => `${account}/${region}`,
  });

const targets = fc.oneof(
  targetsOf(regionsByPartition.aws),
  targetsOf(regionsByPartition["aws-cn"]),
  targetsOf(regionsByPartition["aws-us-gov"]),
);

const userName = characters(`${alphanumeric}._-@`, 1, 20).filter(
  (text) => !["administrator", "awsadministrators"].includes(text.toLowerCase()),
);

const members = fc
  .uniqueArray(
    fc.record({ userName, detailed: fc.boolean(), given: identityText, family: identityText, stays: fc.boolean() }),
    {
      maxLength: 4,
      selector: (person) => person.userName.toLowerCase(),
    },
  )
  .map((people) =>
    people.map((person, index) =>
      person.detailed
        ? {
            userName: person.userName,
            email: `person${String(index)}@example.com`,
            givenName: person.given,
            familyName: person.family,
            onRemoval: person.stays ? ("retain" as const) : ("delete" as const),
          }
        : { userName: person.userName },
    ),
  );

const retention = fc.constantFrom(...retentionDaysAllowed);

const statement = fc.record({
  Effect: fc.constantFrom("Allow" as const, "Deny" as const),
  Action: fc.constantFrom("ssm:DescribeParameters", "*", "ec2:Get*"),
  Resource: fc.oneof(
    fc.constant("*"),
    fc.array(fc.constantFrom("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"), { minLength: 1, maxLength: 2 }),
  ),
});

const optional = { requiredKeys: [] as [] };

/** Any environment document that is accepted, with any of the optional fields left out. */
export const anyEnvironment: fc.Arbitrary<EnvironmentInput> = fc
  .record({
    required: fc.record({ name, tag: fc.record({ key: tagText, value: tagText }), targets }),
    rest: fc.record(
      {
        team: characters(alphanumeric, 1, 20),
        description: identityText,
        group: fc.record({ name: identityText, description: identityText, members }, optional),
        permissionSet: fc.record(
          {
            name: characters(`${alphanumeric}_+=,.@-`, 1, 32),
            description: characters(`${alphanumeric} Äß.`, 1, 60),
            sessionDuration: fc.constantFrom("PT1H", "PT90M", "PT12H", "PT3600S"),
            relayState: fc.constantFrom(null, "https://console.aws.amazon.com/systems-manager/"),
          },
          optional,
        ),
        policyProfile: fc.constantFrom("hardened" as const, "whitepaper" as const),
        sessionDocuments: fc
          .subarray(["shell", "port-forwarding", "ssh"] as const, { minLength: 1 })
          .map((kinds) => [...kinds]),
        logging: fc.record(
          {
            cloudWatch: fc.record({ retentionDays: retention }, optional),
            s3: fc.record({ keyPrefix: characters(`${alphanumeric}-_`, 1, 30).map((text) => `${text}/`) }, optional),
          },
          optional,
        ),
        adopt: fc.subarray(["group", "users", "permission-set", "log-group"] as const).map((kinds) => [...kinds]),
        protected: fc.boolean(),
        sharedTag: fc.boolean(),
        extraStatements: fc.array(statement, { maxLength: 3 }),
      },
      optional,
    ),
    tags: fc.dictionary(
      tagText
        .map((text) => text.toLowerCase())
        .filter((text) => !["__proto__", "constructor", "prototype"].includes(text)),
      tagText,
      { maxKeys: 4 },
    ),
    onPremises: fc.option(
      fc.record(
        {
          registrationLimit: fc.integer({ min: 1, max: 1000 }),
          expiresIn: fc.constantFrom("PT1H", "P14D", "P30D", "P4W", "P1DT12H"),
          tier: fc.constantFrom(null, "standard" as const, "advanced" as const),
        },
        optional,
      ),
    ),
  })
  .map(({ required, rest, tags, onPremises }) => ({
    ...required,
    ...rest,
    // The default tag needs a group name that is a tag value; the generated group names are anything.
    permissionSet: { description: "Given", ...rest.permissionSet, tags },
    ...(onPremises === null
      ? {}
      : {
          onPremises: { ...onPremises, acknowledgeCharges: true as const, target: required.targets[0] ?? testTarget },
        }),
  }));

/** Any foundation document that is accepted. */
export const anyFoundation: fc.Arbitrary<FoundationInput> = fc
  .record({
    account: accountId,
    region: fc.constantFrom(...Object.values(regionsByPartition).flat()),
    rest: fc.record(
      {
        hostManagement: fc.record({ mode: fc.constantFrom("quick-setup" as const, "none" as const) }, optional),
        sessionPreferences: fc.record(
          {
            idleTimeoutMinutes: fc.integer({ min: 1, max: 60 }),
            maxSessionMinutes: fc.constantFrom(null, 1, 60, 1039, 1440),
          },
          optional,
        ),
        logArchive: fc.record(
          {
            logGroupName: characters(`${alphanumeric}-_#`, 1, 40),
            bucketName: characters(`${lowerCase}0123456789`, 3, 30),
            retentionDays: retention,
          },
          optional,
        ),
        notifications: fc.option(
          fc.record(
            {
              emails: fc.subarray(["security@example.com", "audit@example.com"]),
              trail: fc.constantFrom(null, "management"),
            },
            optional,
          ),
        ),
        activationTier: fc.constantFrom("none" as const, "standard" as const, "advanced" as const),
        adopt: fc.subarray(["session-preferences", "log-group", "bucket"] as const).map((kinds) => [...kinds]),
      },
      optional,
    ),
  })
  .map(({ account, region, rest }) => ({ account, region, ...rest, acknowledgeCharges: true }));
