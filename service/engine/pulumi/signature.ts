/** How Pulumi marks values that JSON has no form for, on the wire, in events and in the state (sdk/go/common/resource/sig). */
import type { JsonObject } from "../../domain/json.ts";

/** The key of an object that stands for something else; its value says for what. */
export const signatureKey = "4dabf18193072939515e22adb298388d";

/** What stands for a secret. */
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Whether an object is a wrapped secret, with or without its content. */
export const isSecretValue = (value: JsonObject): boolean => value[signatureKey] === secretSignature;
