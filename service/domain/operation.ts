import { z } from "zod";
import { operationAccess } from "./access.ts";
import { verification } from "./verification.ts";
import { stackDrift } from "./drift.ts";

/** The answers of the contract about operations; request documents are in `environment-document.ts` and `foundation-document.ts`. */

export const operationKinds = ["preview", "up", "destroy", "refresh", "drift_check", "verification"] as const;
export const operationKind = z.enum(operationKinds);
export type OperationKind = z.infer<typeof operationKind>;

export const operationStatuses = ["queued", "running", "succeeded", "failed", "canceled", "needs_recovery"] as const;
export const operationStatus = z.enum(operationStatuses);
export type OperationStatus = z.infer<typeof operationStatus>;

export const approvalStates = ["not_required", "pending", "approved", "rejected", "void"] as const;
const approvalState = z.enum(approvalStates);
export type ApprovalState = z.infer<typeof approvalState>;

export const json = z.json().meta({ id: "Json", description: "Any JSON value." });

export const problemDetails = z.object({
  type: z.string().describe("Kind of the problem, as a URI made from its code."),
  title: z.string().describe("What went wrong, in a few words; the same for each problem of a code."),
  status: z.int().describe("HTTP status; of a failed operation, the one that fits its problem."),
  detail: z.string().describe("What went wrong here, and what to do about it."),
  instance: z.string().optional().describe("The path that was asked for."),
  code: z.string().describe("Stable name of the problem, for programs."),
  errors: z
    .array(
      z.object({
        pointer: z.string().describe("The field, as a JSON Pointer (RFC 6901)."),
        message: z.string().describe("What is wrong with it."),
      }),
    )
    .optional()
    .describe("Every bad field of a request."),
  requestId: z.string().optional().describe("Names the request in the service's log."),
});
export type ProblemDetails = z.infer<typeof problemDetails>;

/** Stable; each has a section in docs/warnings.md, which a test holds. */
export const warningCodes = [
  "access_not_read",
  "adoption_changes_access",
  "console_needs_document",
  "drift_changes_access",
  "drift_found",
  "import_changes_resource",
  "node_in_two_environments",
  "node_outside_logging_role",
  "open_sessions",
  "protection_not_enforced",
  "sessions_without_content_logs",
  "tag_writers_not_held",
  "tags_replace_activation",
  "tier_retired",
  "whitepaper_grants_no_document",
] as const;

const warning = z.object({
  code: z.enum(warningCodes).describe("Stable name of the warning; docs/warnings.md explains each."),
  message: z.string().describe("What to know, and what to do about it."),
});
export type Warning = z.infer<typeof warning>;

export const step = z.object({
  op: z.enum(["create", "update", "replace", "delete", "import", "same"]).describe("What happens to the resource."),
  urn: z.string().describe("Pulumi's name of the resource."),
  type: z.string().describe("Pulumi's type of it, such as `aws:ssoadmin/permissionSet:PermissionSet`."),
  name: z.string().describe("Its name within the stack."),
  diff: z
    .array(
      z.object({
        path: z.string().describe("The property, as Pulumi writes its path."),
        from: json.describe("Its value before; null: none."),
        to: json.describe("Its value after; null: none."),
        replaces: z.literal(true).optional().describe("It cannot be changed in place: the resource is made anew."),
      }),
    )
    .describe("Inputs that differ."),
  retain: z.literal(true).optional().describe("It leaves the stack and stays in the account."),
});

export const changes = z.object({
  create: z.int().describe("Resources that are made."),
  update: z.int().describe("Resources that are changed in place."),
  replace: z.int().describe("Resources that are made anew, and the old ones deleted."),
  delete: z.int().describe("Resources that are deleted, or let go of."),
  import: z.int().describe("Resources that exist already and are taken over."),
  same: z.int().describe("Resources that stay as they are."),
});

export const diagnostic = z.object({
  urn: z.string().nullable().describe("The resource it is about; null: none in particular."),
  severity: z.enum(["info", "warning", "error"]).describe("How bad it is."),
  message: z.string().describe("What the engine, the provider or the program said; secrets are left out."),
});

export const cost = z.object({
  monthlyUsd: z
    .number()
    .describe("US dollars a month that this operation adds (or, negative, takes away), as far as it is known."),
  items: z
    .array(
      z.object({
        what: z.string().describe("What is charged for."),
        monthlyUsd: z.number().describe("US dollars a month."),
        source: z.string().describe("The page that gives the price."),
        asOf: z.string().describe("The day on which it did."),
      }),
    )
    .describe("What the sum is made of."),
  unknown: z.array(z.string()).describe("What AWS charges for by use, and the page to look at."),
});
export type Cost = z.infer<typeof cost>;

const approval = z.object({
  state: approvalState.describe("`void`: it can no more be applied; another preview of the stack can."),
  required: z.int().describe("How many people other than the requester have to approve."),
  decisions: z.array(json).describe("What was decided, by whom and when."),
  supersededBy: z.string().nullable().describe("Id of the operation that made it void."),
});

const pendingResource = z.object({
  urn: z.string().describe("Pulumi's name of the resource."),
  type: z.string().describe("Pulumi's type of it."),
  kind: z.enum(["creating", "updating", "deleting"]).describe("What was being done to it."),
});

/** Where a running operation stands. */
const progress = z.object({
  done: z.int().describe("Steps that are done."),
  total: z.int().describe("Steps that are planned."),
  current: z.string().nullable().describe("What is being worked on."),
});
export type Progress = z.infer<typeof progress>;

export const operation = z
  .object({
    id: z.uuidv7().describe("Its id; later ones sort behind earlier ones."),
    kind: operationKind.describe("What it does."),
    stack: z.string().describe("What it does it to: `environment/production`, `foundation/111122223333/eu-central-1`."),
    status: operationStatus.describe(
      "`needs_recovery`: it ended in the middle of a resource write, and the stack rests until an admin recovers it.",
    ),
    requestedBy: z.string().describe("The principal whose key asked for it."),
    onBehalfOf: z
      .string()
      .nullable()
      .describe("For whom, as the requester says: a developer platform's or a bot's user."),
    refresh: z.boolean().describe("Whether it begins by reading every resource of its stack from the account."),
    createdAt: z.iso.datetime().describe("When it was accepted."),
    startedAt: z.iso.datetime().nullable().describe("When a worker first took it."),
    finishedAt: z.iso.datetime().nullable().describe("When it ended."),
    attempt: z.int().describe("How often a worker took it: more than once when one died or handed it back."),
    engine: z.string().describe("`sandbox`, or `automation`: the Pulumi CLI."),
    cloud: z.string().describe("`simulated` or `aws`: where its resources are."),
    waitingFor: z
      .string()
      .nullable()
      .describe(
        "Why it is still queued: the stack whose apply comes first; `recovery`: its own stack has to be recovered; `identity-center`: others use what AWS allows of Identity Center at once.",
      ),
    progress: progress.nullable().describe("Where it stands; null when it does not run."),
    spec: z.record(z.string(), json).describe("What was asked for, with every default filled in."),
    digest: z.string().nullable().describe("Digest of a preview's plan. What is applied has the same, or nothing is."),
    changes: changes.nullable().describe("Resources by what happens to them; null until that is known."),
    steps: z
      .array(step)
      .describe("Each resource, in order: of a preview what would be done, of an up or destroy what was."),
    access: operationAccess
      .nullable()
      .describe("Who gains and loses access; null until its preview has run, and for foundations."),
    verification: verification.nullable().describe("What a verification found, when it has ended."),
    warnings: z.array(warning).describe("What policies cannot say, and a reader should know before going on."),
    diagnostics: z.array(diagnostic).describe("What engine, provider and program said."),
    cost: cost.nullable().describe("What it adds to the bill; null until that is known."),
    approval: approval.nullable().describe("Of a preview: who has to approve and who did."),
    previewOf: z.enum(["up", "destroy"]).nullable().describe("Of a preview: what applying it would be."),
    continues: z.string().nullable().describe("Id of the preview that this up or destroy applies."),
    continuedBy: z.string().nullable().describe("Id of the up or destroy that applies this preview."),
    recovers: z.string().nullable().describe("Of a recovery: id of the operation whose stack it brings home."),
    pending: z
      .array(pendingResource)
      .describe("Resource writes that began and whose end nobody knows; why it is in `needs_recovery`."),
    outputs: z
      .record(z.string(), json)
      .describe("What the stack gives: ids, the portal's address, commands that start a session."),
    problem: problemDetails.nullable().describe("Why it did not succeed."),
  })
  .meta({
    id: "Operation",
    description:
      "One piece of work on one stack: accepted, queued, carried out by a worker, and kept with what came of it.",
  });
export type Operation = z.infer<typeof operation>;

/** Operations that are not over. */
export const unfinishedStatuses: readonly OperationStatus[] = ["queued", "running"];
export const isFinished = (status: OperationStatus): boolean => !unfinishedStatuses.includes(status);

const stackStatuses = ["pending", "active", "changing", "failed", "needs_recovery", "destroying", "destroyed"] as const;
const stackStatus = z.enum(stackStatuses);
export type StackStatus = z.infer<typeof stackStatus>;

const stackFields = {
  revision: z.int().describe("Rises with each successful up or destroy; `ETag` and `If-Match` are about it."),
  status: stackStatus.describe("`pending`: never up. `failed`: its last up or destroy did not succeed."),
  spec: z
    .record(z.string(), json)
    .nullable()
    .describe("The last one that was applied with success; posted again, its preview shows no change."),
  outputs: z.record(z.string(), json).describe("What the stack gives, such as ids and commands."),
  lastOperation: z.string().nullable().describe("Id of the newest operation."),
  pendingOperation: z.string().nullable().describe("Id of the newest operation that has not ended."),
  drift: stackDrift.nullable().describe("Null: nobody has looked since the stack was made."),
  createdAt: z.iso.datetime().describe("When it was first asked for."),
  updatedAt: z.iso.datetime().describe("When it last changed."),
};

export const environment = z
  .object({
    name: z.string().describe("Its name, for ever."),
    team: z.string().describe("The team whose environment it is."),
    ...stackFields,
    outdated: z.boolean().describe("A foundation that it stands on has changed since its last up."),
  })
  .meta({ id: "Environment", description: "People of one group, and the servers with one tag that they reach." });
export type Environment = z.infer<typeof environment>;

export const foundation = z
  .object({
    account: z.string().describe("AWS account id, 12 digits."),
    region: z.string().describe("AWS region."),
    ...stackFields,
  })
  .meta({
    id: "Foundation",
    description:
      "What environments need of an account and region: node role, session preferences, log archive, alarms.",
  });
export type Foundation = z.infer<typeof foundation>;

/** One page of a list; `nextCursor` is null on the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item).describe("The page."),
    nextCursor: z.string().nullable().describe("`cursor` of the next page; null on the last."),
  });
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
