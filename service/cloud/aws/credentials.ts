/** Who asks: the process's own credentials, or the role of each target account, assumed once for all clients of the account. */
import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { Scope } from "../provider.ts";
import { targetRoleArn } from "../target-role.ts";
import { readErrorOf } from "./failures.ts";
import type { ClientSettings } from "./client-settings.ts";

/** What signs a call, in the form of the SDK. */
interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Gives credentials that are good now, as the SDK asks for them. @throws CloudReadError, or the SDK's own error */
export type CredentialProvider = () => Promise<Identity>;

/** How long before they expire credentials are fetched anew. */
const renewMilliseconds = 5 * 60 * 1000;

/** As CloudTrail shows it beside the role; the programs' providers say the same. */
const roleSessionName = "gatehouse";

interface CredentialSettings {
  /** Name of the role assumed in each account; `null`: the process's own credentials. */
  targetRole: string | null;
  /** The process's own; by default those that the AWS SDK finds: environment, profile, web identity, container, instance. */
  processCredentials?: CredentialProvider;
  /** Of the clients that assume roles. */
  clientSettings: (service: "sts", region: string) => ClientSettings;
  now: () => Date;
}

/** The credentials of each account. */
export interface AccountCredentials {
  /** ARN of the role that asks; `null`: the process itself. */
  role: (scope: Scope) => string | null;
  credentials: (scope: Scope) => CredentialProvider;
  /** The process's own. */
  own: CredentialProvider;
}

/** Fetches once for many who ask at the same time, and again shortly before what it got expires. */
const kept = (fetch: CredentialProvider, now: () => Date): CredentialProvider => {
  let current: Promise<Identity> | null = null;
  let freshUntil = Number.POSITIVE_INFINITY;
  return () => {
    if (current !== null && now().getTime() < freshUntil) return current;
    freshUntil = Number.POSITIVE_INFINITY;
    const fetched = fetch().then((identity) => {
      freshUntil =
        identity.expiration === undefined
          ? Number.POSITIVE_INFINITY
          : identity.expiration.getTime() - renewMilliseconds;
      return identity;
    });
    current = fetched;
    // One failure is not kept: what made it may be mended by the next question.
    fetched.catch(() => {
      if (current === fetched) current = null;
    });
    return fetched;
  };
};

/** The credentials of each account, each fetched when it is first needed. */
export const accountCredentials = ({
  targetRole,
  processCredentials = fromNodeProviderChain(),
  clientSettings,
  now,
}: CredentialSettings): AccountCredentials => {
  const own = kept(processCredentials, now);
  const byRole = new Map<string, CredentialProvider>();

  const assumed = (roleArn: string, scope: Scope): CredentialProvider => {
    const assume = fromTemporaryCredentials({
      masterCredentials: own,
      params: { RoleArn: roleArn, RoleSessionName: roleSessionName },
      clientConfig: { ...clientSettings("sts", scope.region), region: scope.region },
    });
    return kept(async () => {
      try {
        return await assume();
      } catch (error) {
        throw readErrorOf(error, { action: "sts:AssumeRole", scope, role: null });
      }
    }, now);
  };

  return {
    own,
    role: (scope) => targetRoleArn(targetRole, scope),
    credentials: (scope) => {
      const roleArn = targetRoleArn(targetRole, scope);
      if (roleArn === null) return own;
      const provider = byRole.get(roleArn) ?? assumed(roleArn, scope);
      byRole.set(roleArn, provider);
      return provider;
    },
  };
};
