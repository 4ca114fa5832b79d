/** Stands in for what the Pulumi SDK would turn functions into text with (`pulumi-sdk.ts`): says so to a program that needs it. */

const refusal = "Programs that hand functions over to Pulumi (dynamic providers, callback functions) are not run here.";

/** Of `@npmcli/arborist`: a class that finds the packages that a function needs. */
export function Arborist(): never {
  throw new Error(refusal);
}

/** Of `typescript`: parses the text of a function. */
export function createSourceFile(): never {
  throw new Error(refusal);
}
/** Asked for on the way there. */
export const ScriptTarget = {};
export const ScriptKind = {};
