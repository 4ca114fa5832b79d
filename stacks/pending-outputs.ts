import type { Input } from "@pulumi/pulumi";

/** Outputs of a program as it returns them: any part may still be on its way. */
export type PendingOutputs<Outputs> = { [Name in keyof Outputs]: Pending<Outputs[Name]> };

type Pending<Value> = Input<
  Value extends (infer Item)[] ? Pending<Item>[] : Value extends object ? PendingOutputs<Value> : Value
>;
