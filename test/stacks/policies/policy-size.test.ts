import fc from "../../support/properties.ts";
import { policyDocument } from "../../../stacks/policies/policy-document.ts";
import { policySize } from "../../../stacks/policies/policy-size.ts";

const withSid = (sid: string) => policyDocument([{ Sid: sid, Effect: "Allow" }]);

describe("policySize", () => {
  it("counts what is sent, and of that what is not white space", () => {
    const { bytes, nonWhitespaceBytes } = policySize(withSid("a b\tc"));
    // The tab is sent as `\t`, two characters that are not white space.
    expect(bytes - nonWhitespaceBytes).toBe(1);
  });

  it("counts bytes, not characters", () => {
    expect(policySize(withSid("é")).bytes - policySize(withSid("e")).bytes).toBe(1);
  });

  it("grows by exactly what is added", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]*$/), (sid) => {
        const empty = policySize(withSid(""));
        expect(policySize(withSid(sid))).toEqual({
          bytes: empty.bytes + sid.length,
          nonWhitespaceBytes: empty.nonWhitespaceBytes + sid.length,
        });
      }),
    );
  });
});
