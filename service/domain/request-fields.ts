import { choice, flag, freeText } from "./fields.ts";

/** What environment and foundation requests have in common, beside the document. */
export const requestFields = {
  action: choice(["preview", "up"])
    .default("preview")
    .describe("preview stops after the preview; up goes on by itself once the preview may be applied."),
  refresh: flag()
    .default(false)
    .describe(
      "Whether to read every resource of the stack from the account first: what was changed outside is put back.",
    ),
  onBehalfOf: freeText(256, 1).nullable().default(null).describe("Person for whom a program asks, as it names them."),
};
