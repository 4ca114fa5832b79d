import type { Scope } from "../../cloud/provider.ts";
import type { CloudReader } from "../../cloud/reader.ts";
import type { Warning } from "../../domain/operation.ts";

/** Systems Manager's setting of the tier of on-premises nodes. Source: Systems Manager API Reference, GetServiceSetting. */
const tierSetting = "/ssm/managed-instance/activation-tier";

/** The warning of a document that names a tier, with the setting that is in force. */
export const tierWarning = async (reader: CloudReader, { account, region }: Scope): Promise<Warning> => {
  const setting = await reader.findServiceSetting({ account, region }, tierSetting);
  const inForce =
    setting === null
      ? `Account ${account} has no such setting in ${region} any more.`
      : `In force in account ${account}, ${region}, is "${setting.value}"${setting.customized ? "" : ", which is AWS's default"}.`;
  return {
    code: "tier_retired",
    message: `AWS removed the advanced-instances tier on 2026-06-30: there is no limit of 1,000 nodes and nothing to enable any more, and sessions on hybrid nodes are charged as they are used. The setting is kept because the document names it. ${inForce}`,
  };
};
