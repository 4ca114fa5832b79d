/** The shapes of AWS's identifiers, from random or derived hexadecimal digits. */
import { createHash } from "node:crypto";

/** So many hexadecimal digits of a source that gives some each time. */
export const hexFrom = (newId: () => string, digits: number): string => {
  let found = "";
  while (found.length < digits) {
    const more = newId()
      .toLowerCase()
      .replaceAll(/[^0-9a-f]/g, "");
    if (more === "") throw new Error("the source of ids gave no hexadecimal digits");
    found += more;
  }
  return found.slice(0, digits);
};

/** A UUID of 32 hexadecimal digits: `8-4-4-4-12`. */
export const uuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");

/** Hexadecimal digits that only depend on the text. */
export const derivedHex = (textToHash: string, digits: number): string =>
  createHash("sha256").update(textToHash).digest("hex").slice(0, digits);

/** Partition of a region, as it stands in ARNs. */
export const partitionOf = (region: string): string =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

/** Domain of a partition's endpoints. */
export const dnsSuffixOf = (region: string): string =>
  partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";

/** Unique ids of IAM: a prefix (`AROA`, `ANPA`, `AIPA`) and 17 letters and digits. */
export const iamUniqueId = (prefix: string, hex: string): string => prefix + hex.slice(0, 17).toUpperCase();

/** RFC 3339 in whole seconds, as the provider writes times. */
export const seconds = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, "Z");
