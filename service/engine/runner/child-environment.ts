/** What a runner child inherits of the service's environment. */

/**
 * Secrets of the service that no program and no CLI has any use for, and those that a child is told over its own channel. Cloud
 * credentials are none of them: the CLI takes them from here.
 */
const serviceSecret =
  /^(?:DATABASE_URL|PULUMI_BACKEND_URL|PULUMI_CONFIG_PASSPHRASE|SLACK_.*|GATEHOUSE_.*(?:KEY|SECRET|TOKEN|PASSWORD))$/;

/** The environment without them: whoever may look at the child's finds nothing there. */
export const childEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !serviceSecret.test(name)));
