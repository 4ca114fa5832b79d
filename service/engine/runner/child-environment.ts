/** What a runner child inherits of the service's environment. */

/**
 * Secrets of the service that no program and no CLI has any use for, and those that a child is told over its own channel. Cloud
 * credentials are none of them: the CLI takes them from here.
 */
const serviceSecret = /^(?:DATABASE_URL|SLACK_.*|GATEHOUSE_.*(?:KEY|SECRET|TOKEN|PASSWORD))$/;

/**
 * Whether a variable makes Pulumi work otherwise than it was tried: it may leave checkpoints out (`PULUMI_SKIP_CHECKPOINTS`), pack
 * the state (`PULUMI_DIY_BACKEND_GZIP`), go on after errors, or write secrets to a file (`PULUMI_DEBUG_GRPC`). What a run needs,
 * it is told. The names: `sdk/go/common/env/env.go` of Pulumi 3.257.0.
 */
export const steersPulumi = (name: string): boolean => name.startsWith("PULUMI_") && name !== "PULUMI_ACCESS_TOKEN";

/** The environment without them: whoever may look at the child's finds nothing there. */
export const childEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !serviceSecret.test(name) && !steersPulumi(name)));
