/** Managed policies that somebody attaches to a permission set, beside its inline policy, and the boundary of what it may give. */
import { mustBeFree, objectAt, text, type ResourceType } from "../resource-type.ts";
import { arn, object } from "../rules.ts";
import { boundaryToken, existingSet, fixedArn, managedPolicyToken, ofInstance } from "./sso-admin.ts";

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
  computed: { managedPolicyName: "name of the policy, without its path" },
  outputs: (call) => ({ managedPolicyName: text(call.inputs, "managedPolicyArn").replace(/^.*\//, "") }),
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

export const permissionsBoundaryAttachment: ResourceType = {
  token: boundaryToken,
  scope: "identity-center",
  source:
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssoadmin_permissions_boundary_attachment",
  invalid: "ValidationException",
  properties: {
    instanceArn: fixedArn,
    permissionSetArn: fixedArn,
    // Either `managedPolicyArn` or `customerManagedPolicyReference` with `name` and `path`.
    permissionsBoundary: { required: true, replaces: true, rule: object },
  },
  checkTogether: (inputs) => {
    const boundary = objectAt(inputs, "permissionsBoundary");
    return "managedPolicyArn" in boundary === "customerManagedPolicyReference" in boundary
      ? [
          {
            property: "permissionsBoundary",
            reason: "must have one of managedPolicyArn and customerManagedPolicyReference",
          },
        ]
      : [];
  },
  computed: {},
  outputs: () => ({}),
  id: (outputs) => `${text(outputs, "permissionSetArn")},${text(outputs, "instanceArn")}`,
  // PutPermissionsBoundaryToPermissionSet: there is one, and the next takes its place.
  upsert: true,
  conditions: (call) => (call.verb === "delete" ? [] : [ofInstance(call), existingSet(call)]),
};
