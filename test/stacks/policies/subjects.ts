import type { PolicySubject } from "../../../stacks/policies/policy-scope.ts";

/** The guide's production environment as a policy sees it: hardened, EC2 only, shell only. */
export const production = (overrides: Partial<PolicySubject> = {}): PolicySubject => ({
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [{ account: "111122223333", region: "ap-southeast-1" }],
  policyProfile: "hardened",
  sessionDocuments: ["shell"],
  onPremises: null,
  extraStatements: [],
  ...overrides,
});
