/** The access reader of real accounts, on the AWS SDK. */
import { paginateListAttachedRolePolicies } from "@aws-sdk/client-iam";
import type { AccessReader } from "../access-reader.ts";
import type { IdentityCenterInstance } from "../reader.ts";
import type { AwsClients } from "./clients.ts";
import {
  assignmentsOnAws,
  attachedToPermissionSetOnAws,
  permissionsBoundaryOnAws,
  groupMembersOnAws,
  inlinePolicyOnAws,
  permissionSetOnAws,
} from "./granted-access.ts";
import { askingInstance } from "./identity-center.ts";
import { nodesByIdOnAws, nodesWithTagOnAws } from "./nodes.ts";
import { hasLogStreamOnAws, hasObjectOnAws, sessionDocumentOnAws, sessionsOnAws } from "./session-records.ts";
import { noSuchEntity } from "./failures.ts";

/** What the access reader asks by. */
interface AwsAccessReaderOptions {
  clients: AwsClients;
  /** The instance of Identity Center; `null`: there is none, and so nobody in it. */
  identityCenter: () => Promise<IdentityCenterInstance | null>;
}

/** The access reader of all accounts that the clients have credentials for. */
export const createAwsAccessReader = ({ clients, identityCenter }: AwsAccessReaderOptions): AccessReader => {
  const inIdentityCenter = askingInstance(identityCenter);
  return {
    nodesWithTag: (scope, tag) => nodesWithTagOnAws(clients, scope, tag),
    nodesById: (scope, ids) => nodesByIdOnAws(clients, scope, ids),
    attachedPolicies: (scope, role) =>
      clients.ask({ action: "iam:ListAttachedRolePolicies", scope, none: noSuchEntity }, async () => {
        const arns: string[] = [];
        for await (const page of paginateListAttachedRolePolicies({ client: clients.iam(scope) }, { RoleName: role }))
          for (const { PolicyArn } of page.AttachedPolicies ?? []) if (PolicyArn !== undefined) arns.push(PolicyArn);
        return arns;
      }),

    groupMembers: (groupId) => inIdentityCenter(null, (instance) => groupMembersOnAws(clients, instance, groupId)),
    permissionSet: (arn) => inIdentityCenter(null, (instance) => permissionSetOnAws(clients, instance, arn)),
    inlinePolicy: (arn) => inIdentityCenter(null, (instance) => inlinePolicyOnAws(clients, instance, arn)),
    attachedToPermissionSet: (arn) =>
      inIdentityCenter([], (instance) => attachedToPermissionSetOnAws(clients, instance, arn)),
    permissionsBoundary: (arn) =>
      inIdentityCenter(null, (instance) => permissionsBoundaryOnAws(clients, instance, arn)),
    assignments: (arn) => inIdentityCenter([], (instance) => assignmentsOnAws(clients, instance, arn)),

    sessionDocument: (scope, name) => sessionDocumentOnAws(clients, scope, name),
    sessions: (scope, state) => sessionsOnAws(clients, scope, state),
    hasLogStream: (scope, logGroup, stream) => hasLogStreamOnAws(clients, scope, { logGroup, stream }),
    hasObject: (scope, bucket, key) => hasObjectOnAws(clients, scope, { bucket, key }),
  };
};
