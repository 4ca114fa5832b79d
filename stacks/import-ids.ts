/** Ids under which things that exist already are imported; see "Import" of each resource in the Pulumi AWS package. */

/**
 * The id of something that is imported together with another. On AWS the other's may end in `@<region>`, for a provider that
 * would look in its own region; then this one's does too. (An `@` is in none of the ids by which keys are imported.)
 *
 * @param importId of the other; `null`: nothing is imported
 */
export const importIdBeside = (importId: string | null, id: string): string | null =>
  importId === null ? null : `${id}${/@[a-z0-9-]+$/.exec(importId)?.[0] ?? ""}`;
