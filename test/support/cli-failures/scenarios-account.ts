/** AWS refuses. The simulated account answers with AWS's codes, in the words of the AWS provider. */
import { injectFault, type Fault } from "../../../service/cloud/simulated/faults.ts";
import { logGroup, role, topic } from "../engine.ts";
import type { TestArguments } from "../test-programs.ts";
import { bringUp, type ProvokingWorld } from "./provoke.ts";
import { oneTopic, withStack, type Scenario } from "./scenario.ts";

const refused = (name: string, about: string, error: Fault["error"], verb: Fault["verb"] = "create"): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    await withStack(world);
    await injectFault(world.database.pool, { namePattern: "%refused", verb, error });
    if (verb !== "create") await bringUp(world, { stack: "environment.other", arguments: oneTopic("refused") });
    const wanted =
      verb === "delete" ? [] : [topic("a"), topic("refused", verb === "update" ? { displayName: "b" } : {})];
    return world.attempt({
      stack: verb === "create" ? "environment.provoked" : "environment.other",
      arguments: { resources: wanted },
    });
  },
});

const import404: TestArguments = oneTopic("a", {
  options: { import: "arn:aws:sns:us-east-1:111122223333:nobody-made-this" },
});

const makeOutside = async (world: ProvokingWorld, program: TestArguments): Promise<void> =>
  bringUp(world, { stack: "environment.somebody-else", arguments: program });

export const accountScenarios: Scenario[] = [
  refused("access-denied", "the caller lacks a permission, JSON services", {
    code: "AccessDeniedException",
    message:
      "User: arn:aws:sts::111122223333:assumed-role/gatehouse/session is not authorized to perform: sns:CreateTopic on resource: arn:aws:sns:us-east-1:111122223333:refused because no identity-based policy allows the sns:CreateTopic action",
  }),
  refused("access-denied-query", "the caller lacks a permission, query services such as IAM", {
    code: "AccessDenied",
    message:
      "User: arn:aws:sts::111122223333:assumed-role/gatehouse/session is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/refused because no identity-based policy allows the iam:CreateRole action",
  }),
  refused("throttled", "more calls than AWS takes, JSON services", {
    code: "ThrottlingException",
    message: "Rate exceeded",
  }),
  refused("throttled-query", "more calls than AWS takes, query services", {
    code: "Throttling",
    message: "Rate exceeded",
  }),
  refused(
    "throttled-update",
    "more calls than AWS takes, at an update",
    { code: "TooManyRequestsException", message: "Too Many Requests" },
    "update",
  ),
  refused("conflict", "an earlier write has not got around yet", {
    code: "ConflictException",
    message: "Another operation is in progress on this permission set.",
  }),
  refused(
    "conflict-delete",
    "what is to go is still referred to",
    {
      code: "DeleteConflict",
      message: "Cannot delete entity, must detach all policies first.",
    },
    "delete",
  ),
  refused("quota", "more of a kind than the account may have", {
    code: "LimitExceeded",
    message: "Cannot exceed quota for PoliciesPerRole: 10",
  }),
  refused("not-found", "what a resource refers to does not exist", {
    code: "ResourceNotFoundException",
    message: "Could not find PermissionSet with ps-0123456789abcdef",
  }),
  refused("invalid", "AWS finds an input invalid", {
    code: "ValidationException",
    message: "The description is not valid.",
  }),
  refused("aws-broken", "AWS itself fails", {
    code: "InternalServerException",
    message: "An internal error occurred.",
  }),
  refused("expired-token", "credentials ran out in the middle of a run", {
    code: "ExpiredTokenException",
    message: "The security token included in the request is expired",
  }),
  {
    name: "already-exists",
    about: "somebody made a role of that name",
    provoke: async (world) => {
      await makeOutside(world, { resources: [role("taken")] });
      await withStack(world, { resources: [topic("a")] });
      return world.attempt({ arguments: { resources: [topic("a"), role("taken")] } });
    },
  },
  {
    name: "already-exists-log-group",
    about: "somebody made a log group of that name",
    provoke: async (world) => {
      await makeOutside(world, { resources: [logGroup("taken")] });
      return world.attempt({ makeStack: true, arguments: { resources: [logGroup("taken")] } });
    },
  },
  {
    name: "already-exists-bucket",
    about: "somebody made a bucket of that name",
    provoke: async (world) => {
      const bucket = { type: "aws:s3/bucket:Bucket", name: "taken", inputs: { bucket: "taken-bucket" } };
      await makeOutside(world, { resources: [bucket] });
      return world.attempt({ makeStack: true, arguments: { resources: [bucket] } });
    },
  },
  {
    name: "import-not-found",
    about: "what is to be taken over does not exist",
    provoke: (world) => world.attempt({ makeStack: true, verb: "up", arguments: import404 }),
  },
  {
    name: "import-not-found-preview",
    about: "what is to be taken over does not exist, seen by a preview",
    provoke: (world) => world.attempt({ makeStack: true, verb: "preview", arguments: import404 }),
  },
  {
    name: "import-differs",
    about: "what is to be taken over differs in a property that only a new resource can have",
    provoke: async (world) => {
      await makeOutside(world, { resources: [logGroup("taken")] });
      const resource = logGroup("taken", { logGroupClass: "INFREQUENT_ACCESS" }, { options: { import: "taken" } });
      return world.attempt({ makeStack: true, arguments: { resources: [resource] } });
    },
  },
  {
    name: "invalid-input",
    about: "the provider refuses an input before AWS is asked",
    provoke: (world) =>
      world.attempt({ makeStack: true, verb: "preview", arguments: { resources: [topic("a", { displayName: 5 })] } }),
  },
  {
    name: "function-not-found",
    about: "the program asks for a person that does not exist",
    provoke: (world) =>
      world.attempt({ makeStack: true, verb: "preview", arguments: { resources: [], trouble: "invokes" } }),
  },
];
