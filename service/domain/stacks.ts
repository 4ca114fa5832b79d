/**
 * Names of stacks. One environment or foundation is one Pulumi stack; people see `environment/production`, Pulumi sees
 * `environment.production` (its stack names take no slash).
 */
export type StackKind = "environment" | "foundation";

/** `environment/production` */
export const environmentStack = (name: string): string => `environment/${name}`;

/** `foundation/111122223333/ap-southeast-1` */
export const foundationStack = (account: string, region: string): string => `foundation/${account}/${region}`;

/** The kind of a stack, from its name. */
export const stackKind = (stack: string): StackKind => (stack.startsWith("foundation/") ? "foundation" : "environment");

/** Pulumi's name of the stack; environment names and regions hold no dots, so no two stacks share one. */
export const pulumiStackName = (stack: string): string => stack.replaceAll("/", ".");

/** Pulumi's project, of both programs. */
export const pulumiProject = "gatehouse";
