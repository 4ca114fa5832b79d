/** What AWS tells of a KMS key. */
import type { KeyMetadata } from "@aws-sdk/client-kms";

/** Whether its deletion is scheduled: then it cannot be used, and its aliases still lead to it ("Key states of AWS KMS keys"). */
export const isPendingDeletion = ({ KeyState }: KeyMetadata): boolean =>
  KeyState === "PendingDeletion" || KeyState === "PendingReplicaDeletion";
