import type { CustomResourceOptions } from "@pulumi/pulumi";

/** Takes over what exists under this id, or makes a new one for `null`. */
export const importing = (importId: string | null): CustomResourceOptions =>
  importId === null ? {} : { import: importId };
