/** Short calls on a test's account, and what refusals look like. */
import type { Json, JsonObject } from "../../../service/domain/json.ts";
import { AwsError } from "../../../service/cloud/provider.ts";
import type { TestAccount } from "./account.ts";
import { build, samples, scopeOf } from "./samples.ts";

/** The value at the keys, which must be a text. */
export const textAt = (values: JsonObject | undefined, key: string): string => {
  const value: Json | undefined = values?.[key];
  if (typeof value !== "string") throw new Error(`${key} is no text`);
  return value;
};

/** Types without their `aws:`, where they live unless another place is said. */
export const callsOn = (test: () => TestAccount) => ({
  create: (type: string, inputs: JsonObject, scope = scopeOf(`aws:${type}`)) =>
    test().provider.create(`aws:${type}`, "made", inputs, scope),
  remove: (type: string, id: string, scope = scopeOf(`aws:${type}`)) =>
    test().provider.delete(`aws:${type}`, id, scope),
  /** A sample with everything it needs. */
  sample: async (type: string) => {
    const found = samples.find((one) => one.type === `aws:${type}`);
    if (found === undefined) throw new Error(`there is no sample of ${type}`);
    const { inputs, scope, made } = await build(test(), found);
    return { inputs, made, ...(await test().provider.create(found.type, "sample", inputs, scope)) };
  },
});

/** Expects AWS's refusal, with its code and something that it says. */
export const refused = async (work: Promise<unknown>, code: string, says?: RegExp): Promise<void> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AwsError);
  expect(error).toMatchObject({
    code,
    ...(says === undefined ? {} : { message: expect.stringMatching(says) as unknown }),
  });
};
