/** The readers of real accounts, on one set of clients. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { AccessReader } from "../access-reader.ts";
import type { ResourceProvider, Scope } from "../provider.ts";
import { CloudReadError } from "../read-error.ts";
import type { CloudReader, IdentityCenterInstance } from "../reader.ts";
import { createAwsAccessReader } from "./aws-access-reader.ts";
import { createAwsReader } from "./aws-reader.ts";
import { clientSettingsOf, type Service } from "./client-settings.ts";
import { createAwsClients } from "./clients.ts";
import { accountCredentials, type CredentialProvider } from "./credentials.ts";
import { createFindCreated } from "./find-created.ts";
import { findIdentityCenterOnAws } from "./identity-center.ts";
import { createReadiness, type Readiness } from "./readiness.ts";

/** What the configuration says of AWS; plain values. */
export interface AwsConnection {
  /** Name of the role assumed in each account; `null`: the process's own credentials. */
  targetRole: string | null;
  /** Account and region of Identity Center; `null`: the account of the process, and the first region that has it. */
  identityCenter: Scope | null;
  /** Region of the process (`AWS_REGION`), where the search begins; `null`: us-east-1. */
  region: string | null;
}

/** What the adapters are made with. */
export interface AwsSettings extends AwsConnection {
  /** The process's own; by default what the AWS SDK finds. */
  processCredentials?: CredentialProvider;
  /** Where a service is called instead of AWS; by default nowhere. */
  endpoint?: (service: Service, region: string) => string | null;
  now: () => Date;
}

/** All that answers for AWS. */
export interface AwsAdapters {
  reader: CloudReader;
  accessReader: AccessReader;
  /** By which a recovery finds what was created. */
  lookups: Pick<ResourceProvider, "findCreated">;
  /** Whether AWS takes the process's credentials: a sentence for `/readyz`. Asks AWS once a minute at most. */
  ready: () => Promise<Readiness>;
  close: () => void;
}

/** Makes them. Nothing is asked before the first question. */
export const createAwsAdapters = ({
  targetRole,
  identityCenter,
  region,
  processCredentials,
  endpoint,
  now,
}: AwsSettings): AwsAdapters => {
  const settings = clientSettingsOf(endpoint);
  const credentials = accountCredentials({
    targetRole,
    ...(processCredentials === undefined ? {} : { processCredentials }),
    clientSettings: settings,
    now,
  });
  const clients = createAwsClients(credentials, settings);
  /** The process as itself: before any role is assumed. */
  const own = createAwsClients({ ...credentials, credentials: () => credentials.own, role: () => null }, settings);
  const ownRegion = region ?? "us-east-1";

  const callerOf = async (from: typeof clients, scope: Scope): Promise<string> => {
    const action = "sts:GetCallerIdentity";
    const answer = await from.ask({ action, scope }, () => from.sts(scope).send(new GetCallerIdentityCommand({})));
    if (answer?.Account !== undefined) return answer.Account;
    throw new CloudReadError(
      "aws_failed",
      { action, scope, role: credentials.role(scope) },
      { code: "NoAccount", message: "the answer names no account" },
    );
  };

  /** Account of the process's own credentials. */
  const ownAccount = kept(() => callerOf(own, { account: "", region: ownRegion }));
  const instance = kept(async (): Promise<IdentityCenterInstance | null> => {
    const home = identityCenter ?? { account: await ownAccount(), region: ownRegion };
    return findIdentityCenterOnAws(clients, home, identityCenter === null);
  });

  const reader = createAwsReader({
    clients,
    identityCenter: instance,
    callerAccount: (scope) => callerOf(clients, scope),
  });
  const accessReader = createAwsAccessReader({ clients, identityCenter: instance });

  return {
    reader,
    accessReader,
    lookups: { findCreated: createFindCreated({ clients, reader, accessReader, now }) },
    // Asked anew: what was kept says nothing of credentials that expired since.
    ready: createReadiness(() => callerOf(own, { account: "", region: ownRegion }), now),
    close: () => {
      clients.close();
      own.close();
    },
  };
};

/** Asks once and keeps what there is; asks again after a failure, and where there was nothing. */
const kept = <Value>(fetch: () => Promise<Value>): (() => Promise<Value>) => {
  let current: Promise<Value> | null = null;
  return () => {
    if (current !== null) return current;
    const asked = fetch();
    current = asked;
    const forget = (): void => {
      if (current === asked) current = null;
    };
    asked.then((value) => {
      if (value === null) forget();
    }, forget);
    return asked;
  };
};
