/** Sessions of Session Manager, and whose they are. */
import type { CloudSession } from "../../cloud/access-reader.ts";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";

/**
 * The role session that started it, from `arn:aws:sts::<account>:assumed-role/<role>/<user name>`. Identity Center names its
 * roles `AWSReservedSSO_<permission set>_<16 hexadecimal digits>` and the session after the user (IAM Identity Center User
 * Guide, "Referencing permission sets in resource policies").
 */
const ownerParts = /^arn:[^:]+:sts::\d{12}:assumed-role\/(?<role>[^/]+)\/(?<userName>.+)$/;

/** Name of the user, as Identity Center has it; empty where a person of it did not start the session. */
export const userNameOf = ({ owner }: Pick<CloudSession, "owner">): string =>
  ownerParts.exec(owner)?.groups?.["userName"] ?? "";

/** Whether somebody started the session with the environment's permission set. */
export const isSessionOf = (
  { owner }: Pick<CloudSession, "owner">,
  { permissionSet }: Pick<EnvironmentSpec, "permissionSet">,
): boolean => {
  const role = ownerParts.exec(owner)?.groups?.["role"] ?? "";
  const prefix = `AWSReservedSSO_${permissionSet.name}_`;
  return role.startsWith(prefix) && /^[0-9a-f]{16}$/.test(role.slice(prefix.length));
};
