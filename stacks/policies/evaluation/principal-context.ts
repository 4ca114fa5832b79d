import type { ContextValues } from "./context.ts";

/** One person of an environment in one account: the role that Identity Center made there, and the session in it. */
export interface AccessPrincipal {
  environment: string;
  account: string;
  /** `null`: any member of the group. */
  userName: string | null;
}

/**
 * Stands for the role's unique id (`AROA…`), which AWS gives only when it makes the role. Distinct per environment and account,
 * which is all that comparisons turn on.
 */
const roleId = ({ environment, account }: AccessPrincipal): string => `AROA-${environment}-${account}`;

/**
 * `aws:userid` of a federated user: role id, colon, session name, which Identity Center makes the user name.
 * Source: IAM User Guide, "AWS global condition context keys" and "Request information that you can use for policy variables".
 */
export const userId = (principal: AccessPrincipal, userName: string): string => `${roleId(principal)}:${userName}`;

/** What every request of the person tells. `aws:username` is absent: a federated user has none. */
export const principalContext = (principal: AccessPrincipal, region: string): ContextValues => ({
  "aws:PrincipalAccount": principal.account,
  "aws:PrincipalType": "AssumedRole",
  "aws:PrincipalIsAWSService": "false",
  "aws:ViaAWSService": "false",
  "aws:SecureTransport": "true",
  "aws:RequestedRegion": region,
  ...(principal.userName === null ? {} : { "aws:userid": userId(principal, principal.userName) }),
});

const untold = new Set(
  [
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:Referer",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:userid",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "identitystore:UserId",
    "sts:RoleSessionName",
  ].map((key) => key.toLowerCase()),
);

/** What the identity provider says of a person, and the tags that a request would write. */
const untoldFamilies = ["aws:principaltag/", "aws:requesttag/", "saml:"];

/**
 * Keys that a real request may carry with a value that nobody can tell beforehand: where and when it is made, what the
 * organization and the identity provider add. A condition on one of them cannot be decided here.
 * Source: IAM User Guide, "AWS global condition context keys".
 */
export const isUntold = (key: string): boolean =>
  untold.has(key) || untoldFamilies.some((family) => key.startsWith(family));
