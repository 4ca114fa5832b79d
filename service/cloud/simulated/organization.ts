/**
 * What is not as Gatehouse needs it around the accounts, for tests: an Identity Center of another kind, credentials that lead
 * elsewhere. By default the organization has its instance, and every account is reached as itself.
 */
import type { JsonObject } from "../../domain/json.ts";
import type { Scope } from "../provider.ts";
import type { IdentityCenterInstance } from "../reader.ts";
import { identityCenterInstance } from "./identity-center-instance.ts";
import { text } from "./resource-type.ts";
import { apply, find, inAccount, type SimulatedAccount } from "./simulated-account.ts";

const kindToken = "simulated:identity-center";
const credentialsToken = "simulated:credentials";

const say = async (account: SimulatedAccount, type: string, scope: Scope, outputs: JsonObject): Promise<void> => {
  const row = {
    ...scope,
    type,
    id: "said",
    inputs: {},
    outputs,
    state: {},
    origin: "person" as const,
    deletionDate: null,
  };
  await inAccount(account, scope.account, (client) =>
    apply(client, { put: [row], remove: [], counted: null }, account.now()),
  );
};

const said = async (account: SimulatedAccount, type: string, scope: Scope): Promise<JsonObject | null> => {
  const [row] = (await find(account, account.pool, scope, [{ type, id: "said" }])).flat();
  return row?.outputs ?? null;
};

/** From now on the organization's account has Identity Center of this kind, or none. */
export const setIdentityCenter = (
  account: SimulatedAccount,
  kind: IdentityCenterInstance["kind"] | "none",
): Promise<void> => say(account, kindToken, account.identityCenter, { kind });

/** The instance of Identity Center as it is; `null` when there is none. */
export const readIdentityCenter = async (account: SimulatedAccount): Promise<IdentityCenterInstance | null> => {
  const instance = identityCenterInstance(account.identityCenter);
  const kind = text((await said(account, kindToken, account.identityCenter)) ?? {}, "kind");
  if (kind === "none") return null;
  return kind === "account" ? { ...instance, kind } : instance;
};

/** From now on the credentials for an account lead to another one. */
export const leadCredentials = (account: SimulatedAccount, scope: Scope, to: string): Promise<void> =>
  say(account, credentialsToken, scope, { account: to });

/** The account to which the credentials for an account lead. */
export const readCallerAccount = async (account: SimulatedAccount, scope: Scope): Promise<string> =>
  text((await said(account, credentialsToken, scope)) ?? {}, "account") || scope.account;
