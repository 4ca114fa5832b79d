import { duration } from "./durations.ts";
import { choice, dictionary, fields, text } from "./fields.ts";
import { tagKey, tagValue } from "./target-fields.ts";

/** Groups, people and permission sets, within the limits of IAM Identity Center. */

/** No group and no user may have these names. Source: Identity Store API Reference, CreateUser, `UserName`. */
const notReserved = "(?!(?:[aA]dministrator|AWSAdministrators)$)";

/**
 * Characters of names and descriptions in the identity store: letters, marks, symbols, numbers and punctuation of any
 * script, and the plain, no-break and wide space. So emoji and right-to-left names pass; invisible formatting characters
 * (direction marks, zero-width joiners) do not. AWS also takes tabs and line ends, which we refuse as control characters.
 * Source: Identity Store API Reference, CreateGroup and CreateUser.
 */
const identityText = (what: string, prefix = "") =>
  text({
    allowed: `${what} of 1 to 1024 letters, marks, symbols, numbers, punctuation and spaces`,
    max: 1024,
    pattern: new RegExp(`^${prefix}[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P} \\u00a0\\u3000]+$`, "u"),
  });

/** Display name of a group. Unique in the identity store, which is checked elsewhere. */
export const groupName = identityText("a group name (not Administrator or AWSAdministrators)", notReserved);
export const groupDescription = identityText("a description");
const personName = identityText("a name");

/**
 * Sign-in name: 1 to 128 letters, marks, symbols, numbers and punctuation, without spaces and without `< > ; : %`.
 * Source: Identity Store API Reference, "User" and CreateUser.
 */
const userName = text({
  allowed:
    "a user name of 1 to 128 letters, marks, symbols, numbers and punctuation without spaces or < > ; : % (not Administrator or AWSAdministrators)",
  max: 128,
  pattern: new RegExp(`^${notReserved}(?!.*[<>;:%])[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+$`, "u"),
});

/** One address, as mail servers take it: `local@domain`, at most 254 characters (RFC 5321). */
export const email = text({
  allowed: "one e-mail address of at most 254 characters, such as person@example.com",
  max: 254,
  pattern:
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/,
});

/** A person of a group. The details go together: all three, or none for somebody who exists already. */
export const member = fields({
  userName: userName.describe("Sign-in name in IAM Identity Center."),
  email: email.nullable().default(null).describe("E-mail address; with the names, the person is made when missing."),
  givenName: personName.nullable().default(null).describe("Given name."),
  familyName: personName.nullable().default(null).describe("Family name."),
  onRemoval: choice(["retain", "delete"])
    .default("retain")
    .describe("What becomes of a person that this environment made when they leave it."),
});

/** Source: IAM Identity Center API Reference, CreatePermissionSet. */
export const permissionSetName = text({
  allowed: "a permission set name of 1 to 32 letters, digits and _ + = , . @ -",
  max: 32,
  pattern: /^[A-Za-z0-9_+=,.@-]+$/,
});

/** Latin-1 without control characters; AWS also takes tabs and line ends. Source: IAM Identity Center API Reference, CreatePermissionSet. */
export const permissionSetDescription = text({
  allowed: "a description of 1 to 700 printable Latin-1 characters on one line",
  max: 700,
  pattern: /^[\u0020-\u007e\u00a1-\u00ff]+$/,
});

/** Where the console opens after sign-in. Source: IAM Identity Center API Reference, CreatePermissionSet. */
export const relayState = text({
  allowed: "a relay state of 1 to 240 ASCII letters, digits, spaces and the punctuation of addresses",
  max: 240,
  pattern: /^[a-zA-Z0-9&$@#\\/%?=~\-_'"|!:,.;*+[\] (){}]+$/,
});

/** How long the console session of a signed-in person lasts. Source: IAM Identity Center User Guide, "Set session duration". */
export const sessionDuration = duration("PT1H", "PT12H");

/** Tags of the permission set; at most 50, which is checked with the document. */
export const permissionSetTags = dictionary(
  tagKey,
  tagValue,
  "an object of at most 50 tags, keys of 1 to 128 letters, digits, spaces and _ . : / = + - @, not starting with aws:, values of 0 to 256 of them",
);
