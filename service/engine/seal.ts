/** Texts and keyed digests of values, for what people approve. */
import { createHmac } from "node:crypto";
import canonicalize from "canonicalize";
import type { Json } from "../domain/json.ts";

/** RFC 8785: one text for one value. */
export const canonical = (value: Json): string => canonicalize(value) ?? "null";

/** A keyed digest, in hexadecimal: equal for equal values, and no help in guessing one. */
export const seal = (key: string, value: Json): string =>
  createHmac("sha256", key).update(canonical(value)).digest("hex");
