/**
 * Which requests the AWS provider makes of Identity Center for each step on a resource: facts for the budget of those
 * requests, and for the simulated account that counts them. Read from the provider's source
 * (hashicorp/terraform-provider-aws, `internal/service/ssoadmin/`: `account_assignment.go`, `permission_set.go`,
 * `permission_set_inline_policy.go`; `internal/service/identitystore/`), which @pulumi/aws is made from.
 */

/** What a step leaves under way in AWS after its request was answered, until AWS says that it is done. */
export type Outstanding = "assignment" | "provisioning";

/** The requests of one step, in their order. */
export interface StepCalls {
  /** `sso-admin`: all its requests share one rate. `identitystore`: each operation has a rate of its own. */
  service: "sso-admin" | "identitystore";
  /** The last of them is the write itself. */
  upTo: readonly string[];
  /** What the last of `upTo` leaves under way, and the request that asks whether it is done. */
  waits: { for: Outstanding; asking: string } | null;
  /** What follows once it is done: the provider reads back what it wrote. */
  after: readonly string[];
}

/** What the provider does for a step. */
export type StepVerb = "create" | "update" | "delete" | "read";

/** How the provider asks whether something is done: seconds before it asks first, and between two times at least and at most. */
export const asking: Record<Outstanding, { first: number; atLeast: number; atMost: number }> = {
  // StateChangeConf: Delay 10 s, MinTimeout 5 s; the pause doubles from 0.1 s and is 10 s at most.
  assignment: { first: 10, atLeast: 5, atMost: 10 },
  // Delay 5 s and no MinTimeout.
  provisioning: { first: 5, atLeast: 0.2, atMost: 10 },
};

/** AWS's limits, for one instance of Identity Center: "Quotas and limits in IAM Identity Center", User Guide. */
export const identityCenterLimits = {
  /** Requests a second, over the operations of sso-admin together. */
  requests: 20,
  /** Creations and deletions of account assignments under way. */
  assignments: 15,
  /** Provisionings of permission sets under way. */
  provisionings: 3,
  /** Requests a second, of each operation of the identity store. */
  storeRequests: 20,
} as const;

const provisioning = { for: "provisioning", asking: "DescribePermissionSetProvisioningStatus" } as const;

const ssoAdmin = (
  upTo: readonly string[],
  waits: StepCalls["waits"] = null,
  after: readonly string[] = [],
): StepCalls => ({ service: "sso-admin", upTo, waits, after });

const store = (...upTo: string[]): StepCalls => ({ service: "identitystore", upTo, waits: null, after: [] });

/** Each resource of the identity store has the same four operations, and is read back after a write. */
const storeResource = (name: string): Record<StepVerb, StepCalls> => ({
  create: store(`Create${name}`, `Describe${name}`),
  update: store(`Update${name}`, `Describe${name}`),
  delete: store(`Delete${name}`),
  read: store(`Describe${name}`),
});

/** A put policy is read back; put and deleted alike, the set is provisioned anew in all accounts that have it. */
const putInlinePolicy = ssoAdmin(["PutInlinePolicyToPermissionSet", "ProvisionPermissionSet"], provisioning, [
  "GetInlinePolicyForPermissionSet",
]);

const readPermissionSet = ["DescribePermissionSet", "ListTagsForResource"];

const callsByType: Readonly<Record<string, Record<StepVerb, StepCalls>>> = {
  "aws:ssoadmin/permissionSet:PermissionSet": {
    create: ssoAdmin(["CreatePermissionSet", ...readPermissionSet]),
    // As if everything had changed: tags alone would not provision.
    update: ssoAdmin(["UpdatePermissionSet", "ProvisionPermissionSet"], provisioning, [
      "UntagResource",
      "TagResource",
      ...readPermissionSet,
    ]),
    delete: ssoAdmin(["DeletePermissionSet"]),
    read: ssoAdmin(readPermissionSet),
  },
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": {
    create: putInlinePolicy,
    update: putInlinePolicy,
    delete: ssoAdmin(["DeleteInlinePolicyFromPermissionSet", "ProvisionPermissionSet"], provisioning),
    read: ssoAdmin(["GetInlinePolicyForPermissionSet"]),
  },
  "aws:ssoadmin/accountAssignment:AccountAssignment": {
    // It looks first: AWS would take a second one of the same for the first.
    create: ssoAdmin(
      ["ListAccountAssignments", "CreateAccountAssignment"],
      { for: "assignment", asking: "DescribeAccountAssignmentCreationStatus" },
      ["ListAccountAssignments"],
    ),
    // Every change replaces it, so there is no call for one.
    update: ssoAdmin([]),
    delete: ssoAdmin(["DeleteAccountAssignment"], {
      for: "assignment",
      asking: "DescribeAccountAssignmentDeletionStatus",
    }),
    read: ssoAdmin(["ListAccountAssignments"]),
  },
  "aws:identitystore/group:Group": storeResource("Group"),
  "aws:identitystore/user:User": storeResource("User"),
  "aws:identitystore/groupMembership:GroupMembership": storeResource("GroupMembership"),
};

/** The requests of a step on a resource of this type; `null` where it asks nothing of Identity Center. */
export const identityCenterCalls = (type: string, verb: StepVerb): StepCalls | null =>
  callsByType[type]?.[verb] ?? null;

/** Data sources of the programs that ask Identity Center. */
export const identityCenterFunctions: Readonly<Record<string, StepCalls>> = {
  "aws:ssoadmin/getInstances:getInstances": ssoAdmin(["ListInstances"]),
  "aws:identitystore/getGroup:getGroup": store("GetGroupId", "DescribeGroup"),
  "aws:identitystore/getUser:getUser": store("GetUserId", "DescribeUser"),
};
