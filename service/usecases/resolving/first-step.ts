/** The first step of a preview: what must be so in AWS before anything is looked up there. */
import type { Scope } from "../../cloud/provider.ts";
import type { CloudReader, FoundKey, IdentityCenterInstance } from "../../cloud/reader.ts";
import { DomainError } from "../../domain/errors.ts";

/**
 * Sees that the credentials for each account lead to that account and no other.
 *
 * @throws DomainError `account_mismatch`; CloudReadError
 */
export const requireAccounts = async (reader: CloudReader, places: readonly Scope[]): Promise<void> => {
  // One region of each account will do: credentials are an account's.
  const onePerAccount = [...new Map(places.map((place) => [place.account, place])).values()];
  await Promise.all(
    onePerAccount.map(async (place) => {
      const reached = await reader.callerAccount(place);
      if (reached !== place.account)
        throw new DomainError(
          "account_mismatch",
          `The credentials for account ${place.account} lead to account ${reached}. Set GATEHOUSE_TARGET_ROLE to a role that is in every account, so that Gatehouse assumes it there; or give the process credentials of ${place.account}.`,
        );
    }),
  );
};

/**
 * The organization's instance of Identity Center. An account instance will not do: it has neither permission sets nor
 * assignments (IAM Identity Center User Guide, "Organization and account instances").
 *
 * @throws DomainError `identity_center_missing`; CloudReadError
 */
export const requireIdentityCenter = async (reader: CloudReader): Promise<IdentityCenterInstance> => {
  const instance = await reader.identityCenter();
  if (instance === null)
    throw new DomainError(
      "identity_center_missing",
      "IAM Identity Center is not enabled for the organization, or not where Gatehouse looks. Enable an organization instance in the organization's management account; where there is one, set GATEHOUSE_IDENTITY_CENTER_ACCOUNT and GATEHOUSE_IDENTITY_CENTER_REGION to its account (or the delegated administrator's) and region. Then post the request again.",
    );
  if (instance.kind === "account")
    throw new DomainError(
      "identity_center_missing",
      `Account ${instance.account} has an account instance of IAM Identity Center in ${instance.region}, which has no permission sets. Enable an organization instance in the organization's management account, and set GATEHOUSE_IDENTITY_CENTER_ACCOUNT and GATEHOUSE_IDENTITY_CENTER_REGION to where it is administered. Then post the request again.`,
    );
  return instance;
};

/**
 * Sees that a key, if there is one, can be used: whether it is this stack's own or would be taken over.
 *
 * @throws DomainError `key_pending_deletion`
 */
export const requireUsableKey = (key: FoundKey | null, alias: string, { account, region }: Scope): void => {
  if (key?.pendingDeletion !== true) return;
  throw new DomainError(
    "key_pending_deletion",
    `The KMS key ${key.keyId} in account ${account}, ${region}, to which "${alias}" leads, is scheduled for deletion: nothing can be encrypted or read with it. Keep it by \`aws kms cancel-key-deletion --key-id ${key.keyId} --region ${region}\` and then \`aws kms enable-key\` with the same arguments (a key that is kept is disabled at first). Or let it go, with everything that only it can read, and take the alias away (\`aws kms delete-alias --alias-name ${alias} --region ${region}\`): a request with "refresh": true then makes another.`,
  );
};
