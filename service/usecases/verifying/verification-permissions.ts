/** Steps of a verification: is the permission set what was approved, and who has it. */
import type { PermissionSetFacts } from "../../cloud/access-reader.ts";
import type { VerificationFinding } from "../../domain/verification.ts";
import { permissionSetPolicy } from "../../../stacks/policies/permission-set-policy.ts";
import { canonical } from "../digest.ts";
import { policyDifferences } from "../access/policy-differences.ts";
import { counted, failed, putBack, type StepOfVerification } from "./verification-context.ts";

/** A duration as it is compared: PT1H and PT60M are one. */
const minutesOf = (duration: string): string => {
  const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(duration);
  return parts === null ? duration : String(Number(parts[1] ?? 0) * 60 + Number(parts[2] ?? 0));
};

const comparedAs = (property: string, value: unknown): string =>
  property === "sessionDuration" && typeof value === "string" ? minutesOf(value) : canonical(value ?? null);

/** Is the permission set what was approved, with nothing attached beside its inline policy. */
export const permissionSetStep: StepOfVerification = async ({ accessReader, spec, permissionSetArn }) => {
  const { name, description, sessionDuration, relayState, tags } = spec.permissionSet;
  const found = await accessReader.permissionSet(permissionSetArn);
  const message = `The permission set ${name}.`;
  if (found === null)
    return {
      message,
      findings: [failed(permissionSetArn, `The permission set ${name} is gone.`, putBack(spec))],
    };
  const [attached, boundary] = await Promise.all([
    accessReader.attachedToPermissionSet(permissionSetArn),
    accessReader.permissionsBoundary(permissionSetArn),
  ]);
  const wanted: PermissionSetFacts = { name, description, sessionDuration, relayState, tags };
  const differing = (Object.keys(wanted) as (keyof PermissionSetFacts)[]).filter(
    (property) => comparedAs(property, wanted[property]) !== comparedAs(property, found[property]),
  );
  return {
    message,
    findings: [
      ...differing.map((property) =>
        failed(
          `${name}.${property}`,
          `It is ${JSON.stringify(found[property])}, and ${JSON.stringify(wanted[property])} was approved.`,
          putBack(spec),
        ),
      ),
      ...attached.map((policy) =>
        failed(
          `${name}.${policy}`,
          `The policy ${policy} is attached to the permission set, which no request asked for: people have its rights too.`,
          "Find out in CloudTrail (AttachManagedPolicyToPermissionSet, AttachCustomerManagedPolicyReferenceToPermissionSet) who attached it, and detach it in Identity Center.",
        ),
      ),
      ...(boundary === null
        ? []
        : [
            failed(
              `${name}.permissionsBoundary`,
              `The permission set has the permissions boundary ${boundary}, which no request asked for: people can do only what it allows too, so what was approved may not work.`,
              "Find out in CloudTrail (PutPermissionsBoundaryToPermissionSet) who set it, and remove it in Identity Center.",
            ),
          ]),
    ],
  };
};

/** Is its inline policy the approved one. */
export const inlinePolicyStep: StepOfVerification = async ({ accessReader, spec, permissionSetArn }) => {
  const { name } = spec.permissionSet;
  const message = `The inline policy of ${name}, statement by statement.`;
  const found = await accessReader.inlinePolicy(permissionSetArn);
  if (found === null)
    return { message, findings: [failed(name, "The permission set has no inline policy.", putBack(spec))] };
  const differences = policyDifferences(JSON.stringify(permissionSetPolicy(spec)), found);
  return {
    message,
    findings: differences.map((difference) =>
      failed(name, `It is not the policy that was approved: ${difference}.`, putBack(spec)),
    ),
  };
};

/** Is it assigned where it was approved, and nowhere else. */
export const assignmentsStep: StepOfVerification = async ({ accessReader, spec, groupId, permissionSetArn }) => {
  const accounts = [...new Set(spec.targets.map(({ account }) => account))];
  const assignments = await accessReader.assignments(permissionSetArn);
  const isOurs = ({ principalType, principalId, account }: (typeof assignments)[number]): boolean =>
    principalType === "GROUP" && principalId === groupId && accounts.includes(account);
  const missing = accounts.filter(
    (account) => !assignments.some((assignment) => isOurs(assignment) && assignment.account === account),
  );
  const findings: VerificationFinding[] = [
    ...missing.map((account) =>
      failed(account, `The group ${spec.group.name} has no assignment of the permission set here.`, putBack(spec)),
    ),
    ...assignments
      .filter((assignment) => !isOurs(assignment))
      .map(({ account, principalType, principalId }) =>
        failed(
          account,
          `${principalType === "USER" ? "The user" : "The group"} ${principalId} has the permission set here, which no request asked for.`,
          "Find out in CloudTrail (CreateAccountAssignment) who gave it, and remove the assignment in Identity Center.",
        ),
      ),
  ];
  return {
    message: `${counted(assignments.length, "assignment")} of ${spec.permissionSet.name}; ${accounts.length} approved.`,
    findings,
  };
};

const lower = (text: string): string => text.toLowerCase();

/** Are the group's people those that were approved. */
export const membersStep: StepOfVerification = async ({ accessReader, spec, groupId }) => {
  const { name, source, members } = spec.group;
  const found = await accessReader.groupMembers(groupId);
  if (found === null)
    return { message: `The group ${name}.`, findings: [failed(name, "The group is gone.", putBack(spec))] };
  if (source === "external")
    return {
      message: `${counted(found.length, "member")} of ${name}. The identity provider decides who they are, so none is unknown.`,
      findings: [],
    };
  const approved = new Set(members.map(({ userName }) => lower(userName)));
  const actual = new Set(found.map(({ userName }) => lower(userName)));
  return {
    message: `${counted(found.length, "member")} of ${name}; ${members.length} approved.`,
    findings: [
      ...found
        .filter(({ userName }) => !approved.has(lower(userName)))
        .map(({ userName }) =>
          failed(
            userName,
            `${userName} is in the group ${name}, and no request named them: they reach the environment's nodes.`,
            `Find out in CloudTrail (CreateGroupMembership) who added them, and remove them from the group; or name them in the document.`,
          ),
        ),
      ...members
        .filter(({ userName }) => !actual.has(lower(userName)))
        .map(({ userName }) =>
          failed(userName, `${userName} was approved, and is not in the group ${name}.`, putBack(spec)),
        ),
    ],
  };
};
