import { fields, text } from "./fields.ts";
import { region } from "./regions.ts";

/** Where things are, and by which tag nodes are known. */

/** An AWS account: 12 digits, zeros in front kept, hence a string. Source: AWS Account Management, "View AWS account identifiers". */
export const account = text({
  allowed: "an AWS account id: a string of exactly 12 digits (in YAML, in quotes)",
  max: 12,
  pattern: /^\d{12}$/,
});

/** An account and a region to work in. */
export const target = fields({
  account: account.describe("AWS account id, 12 digits."),
  region: region.describe("AWS region."),
});

/**
 * Characters of tags: letters, numbers and spaces of any script and `_ . : / = + - @`. The prefix `aws:` belongs to AWS,
 * in any case of letters, for keys and values. Sources: AWS General Reference, "Tagging your AWS resources"; IAM Identity
 * Center and Systems Manager API references, "Tag".
 */
const tagAlphabet = "letters, digits, spaces and _ . : / = + - @";
const tagCharacters = `${tagAlphabet}, not starting with aws:`;
const notReserved = "(?![aA][wW][sS]:)";
const tagPattern = (quantifier: string, except = notReserved) =>
  new RegExp(`^${except}[\\p{L}\\p{Z}\\p{N}_.:/=+@-]${quantifier}$`, "u");

/** Key of a tag on an AWS resource: 1 to 128 characters. */
export const tagKey = text({ allowed: `a tag key of 1 to 128 ${tagCharacters}`, max: 128, pattern: tagPattern("+") });

/** Value of a tag on an AWS resource: 0 to 256 characters. */
export const tagValue = text({
  allowed: `a tag value of 0 to 256 ${tagCharacters}`,
  min: 0,
  max: 256,
  pattern: tagPattern("*"),
});

/** Tags that a node carries, those of AWS's own services too (`aws:autoscaling:groupName`). */
export const nodeTagKey = text({
  allowed: `a tag key of 1 to 128 ${tagAlphabet}`,
  max: 128,
  pattern: tagPattern("+", ""),
});
export const nodeTagValue = text({
  allowed: `a tag value of 0 to 256 ${tagAlphabet}`,
  min: 0,
  max: 256,
  pattern: tagPattern("*", ""),
});

/**
 * The guarding tag stands in the permission set's inline policy, whose characters end at U+00FF (IAM Identity Center API
 * Reference, PutInlinePolicyToPermissionSet): a value beyond Latin-1 cannot be guarded. It is not empty either: Systems
 * Manager takes no activation tag without a value (Systems Manager API Reference, "Tag").
 */
const latinTagPattern = new RegExp(`^${notReserved}(?=[\\u0020-\\u00ff]+$)[\\p{L}\\p{Z}\\p{N}_.:/=+@-]+$`, "u");
const latin = "Latin-1 letters, digits, spaces and _ . : / = + - @, not starting with aws:";

/** Key of the tag by which nodes belong to an environment. It becomes a key of objects, where `__proto__` would be lost. */
export const guardKey = text({
  allowed: `a tag key of 1 to 128 ${latin}, and not __proto__`,
  max: 128,
  pattern: new RegExp(`^(?!__proto__$)${latinTagPattern.source.slice(1)}`, "u"),
});

/** Value of the tag by which nodes belong to an environment. */
export const guardValue = text({ allowed: `a tag value of 1 to 256 ${latin}`, max: 256, pattern: latinTagPattern });
