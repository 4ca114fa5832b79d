/** Managed policies that somebody attaches to a permission set, beside its inline policy. */
import { mustBeFree, text, type ResourceType } from "../resource-type.ts";
import { arn } from "../rules.ts";
import { existingSet, fixedArn, managedPolicyToken, ofInstance } from "./sso-admin.ts";

const parts = ["managedPolicyArn", "permissionSetArn", "instanceArn"];

export const managedPolicyAttachment: ResourceType = {
  token: managedPolicyToken,
  scope: "identity-center",
  source:
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssoadmin_managed_policy_attachment",
  invalid: "ValidationException",
  properties: {
    instanceArn: fixedArn,
    permissionSetArn: fixedArn,
    managedPolicyArn: { required: true, replaces: true, rule: arn("iam") },
  },
  computed: {},
  outputs: () => ({}),
  id: (outputs) => parts.map((part) => text(outputs, part)).join(","),
  conditions: (call) => {
    const same = Object.fromEntries(parts.map((part) => [part, text(call.inputs, part)]));
    return call.verb === "delete"
      ? []
      : [
          ofInstance(call),
          existingSet(call),
          mustBeFree(
            { type: managedPolicyToken, where: same },
            "ConflictException",
            "Policy is already attached to the permission set",
            call.old,
          ),
        ];
  },
};
