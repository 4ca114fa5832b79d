import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { programVersion } from "../../stacks/programs.ts";
import type { OperationAccess } from "../domain/access.ts";
import type { JsonObject } from "../domain/json.ts";

/** Canonical JSON (RFC 8785): equal values give equal text. */
export const canonical = (value: unknown): string => canonicalize(value) ?? "";

/**
 * What people approve: the document, the arguments that it resolved to, the program's version, and the engine's plan with
 * the state that it starts from, and who gains and loses access. `sha256:` and 64 hexadecimal digits.
 */
export const operationDigest = (
  operation: {
    spec: JsonObject;
    arguments: JsonObject;
    planDigest: string;
    access: OperationAccess | null;
  },
  version = programVersion,
): string =>
  `sha256:${createHash("sha256")
    .update(canonical({ ...operation, programVersion: version }))
    .digest("hex")}`;
