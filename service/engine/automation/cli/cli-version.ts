/** Which Pulumi CLI serves: one of the same release line as the SDK, since engine, SDK and state format move together. */
import { version as sdkVersion } from "@pulumi/pulumi/version.js";

/** The version that is installed: the pinned SDK's own, such as `3.257.0`. */
export const pinnedVersion = sdkVersion;

/** `3.257`, of `v3.257.0`, `3.257.4` or `v3.257.0-dev.1`; `null` when it is no version. */
const releaseLine = (version: string): string | null =>
  /^v?(\d+\.\d+)\.\d+(?:[-+][\w.+-]+)?$/.exec(version)?.[1] ?? null;

/** Every version that serves, in words: `3.257.x`. */
export const servingVersions = `${releaseLine(pinnedVersion) ?? pinnedVersion}.x`;

/** Whether a CLI that calls itself this (`pulumi version` prints it) can work with the SDK. */
export const serves = (version: string): boolean => {
  const line = releaseLine(version.trim());
  return line !== null && line === releaseLine(pinnedVersion);
};
