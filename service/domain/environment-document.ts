import type { z } from "zod";
import { environmentChecks } from "./environment-checks.ts";
import { completeEnvironment } from "./environment-defaults.ts";
import { environmentFields } from "./environment-fields.ts";
import { fields } from "./fields.ts";
import { reportAll } from "./findings.ts";
import { requestFields } from "./request-fields.ts";
import { statementResources } from "./resource-arns.ts";

/**
 * The desired environment: the document in, every default filled in out. Parsing its own output gives the same again.
 * Fields, defaults and limits are in docs/request-document.md.
 */
export const environmentDocument = environmentFields
  .superRefine(reportAll(environmentChecks), { when: () => true })
  .transform(completeEnvironment)
  .meta({ id: "EnvironmentDocument", description: "The desired environment." });

/**
 * Body of `POST /v1/environment-requests`. Which resources statements may name is asked of requests only: documents that were
 * applied before the question was asked can still be read.
 */
export const environmentRequest = fields({ ...requestFields, environment: environmentDocument })
  .superRefine(reportAll([statementResources]), { when: () => true })
  .meta({
    id: "EnvironmentRequest",
    description: "The desired environment and what to do with it.",
  });

/** A complete environment document: what `spec` holds. */
export type EnvironmentSpec = z.output<typeof environmentDocument>;
export type EnvironmentRequest = z.output<typeof environmentRequest>;

/** A document as a caller may write it, with defaults left out. */
export type EnvironmentInput = z.input<typeof environmentDocument>;
