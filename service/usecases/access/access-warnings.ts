/** What policies cannot say about who reaches what, as warnings of a preview. */
import type { CloudSession } from "../../cloud/access-reader.ts";
import type { Scope } from "../../cloud/provider.ts";
import { CloudReadError } from "../../cloud/read-error.ts";
import { environmentDocument, type EnvironmentSpec } from "../../domain/environment-document.ts";
import type { EnvironmentNode } from "../../domain/nodes.ts";
import type { Warning } from "../../domain/operation.ts";
import { stackKind } from "../../domain/stacks.ts";
import { isSamePlace, isSameTag } from "../../domain/targets.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import { activationRoleName } from "../../../stacks/names.ts";
import { environmentArguments } from "../../../stacks/arguments.ts";
import type { JsonObject } from "../../domain/json.ts";
import { adoptionWarnings } from "./adoption-warnings.ts";
import { cloudProblem } from "../operations/cloud-problems.ts";
import type { Dependencies } from "../dependencies.ts";
import { listed } from "../listed.ts";
import { nodesIn } from "./nodes.ts";
import { isSessionOf, userNameOf } from "./sessions.ts";

type Sources = Pick<Dependencies, "accessReader" | "reader" | "store">;

/** The environment as it is applied and as it will be; null where it is not there. */
interface Change {
  before: EnvironmentSpec | null;
  after: EnvironmentSpec | null;
  /** Arguments that `after` resolved to. */
  resolved: JsonObject;
}

/**
 * Warnings about sessions that go on, nodes, tags and what is taken over. The account is only asked where the operation gives
 * reason to: who or what goes, which nodes are meant, and what is there already. What cannot be read is said, and holds nothing back.
 */
export const accessWarnings = async (
  sources: Sources,
  stack: StackRow,
  operation: OperationRow,
  resolved: JsonObject,
): Promise<Warning[]> => {
  if (stackKind(stack.name) === "foundation") return [];
  const destroys = (operation.previewOf ?? operation.kind) === "destroy";
  const change: Change = {
    before: stack.spec === null ? null : environmentDocument.parse(stack.spec),
    after: destroys ? null : environmentDocument.parse(operation.spec),
    resolved,
  };
  const read = [openSessions, nodeWarnings, adoptionWarnings].map((warnings) =>
    warnings(sources, change).catch(notRead),
  );
  return [...staticWarnings(change), ...(await Promise.all(read)).flat()];
};

const notRead = (error: unknown): Warning[] => {
  if (!(error instanceof CloudReadError)) throw error;
  return [
    {
      code: "access_not_read",
      message: `What the account says about sessions, nodes and what is taken over could not be read, so warnings may be missing. ${cloudProblem(error).detail}`,
    },
  ];
};

/** Targets whose nodes become the environment's by this operation. */
const newPlaces = ({ before, after }: Change): Scope[] => {
  if (after === null) return [];
  if (before === null || !isSameTag(before.tag, after.tag)) return after.targets;
  return after.targets.filter((place) => !before.targets.some((old) => isSamePlace(old, place)));
};

const staticWarnings = (change: Change): Warning[] => {
  const { after } = change;
  if (after === null) return [];
  const tunnels = after.sessionDocuments.filter((kind) => kind !== "shell");
  const tag = `${after.tag.key}=${after.tag.value}`;
  return [
    ...(tunnels.length === 0
      ? []
      : [
          {
            code: "sessions_without_content_logs" as const,
            message: `Sessions of ${tunnels.join(" and ")} are encrypted end to end, so no log shows what happened in them: CloudTrail and DescribeSessions tell who had one, on which node and how long.`,
          },
        ]),
    ...(newPlaces(change).length === 0
      ? []
      : [
          {
            code: "tag_writers_not_held" as const,
            message: `Whoever may write tags in the target accounts decides which nodes carry ${tag}, and so which nodes these people reach. The environment's own people are kept from it; see that nobody else has ec2:CreateTags, ec2:DeleteTags, ssm:AddTagsToResource or ssm:RemoveTagsFromResource without need.`,
          },
        ]),
  ];
};

/** Whose sessions go on although they lose access: all people's of the old places, those who leave, or nobody's. */
const losing = ({ before, after }: Change): { places: Scope[]; people: Set<string> | "all" }[] => {
  if (before === null) return [];
  const moved =
    after === null ||
    !isSameTag(before.tag, after.tag) ||
    before.group.name !== after.group.name ||
    before.permissionSet.name !== after.permissionSet.name;
  if (moved) return [{ places: before.targets, people: "all" }];
  const stay = new Set(after.group.members.map(({ userName }) => userName.toLowerCase()));
  const leaving = before.group.members.map(({ userName }) => userName.toLowerCase()).filter((name) => !stay.has(name));
  const places = before.targets.filter((place) => !after.targets.some((kept) => isSamePlace(kept, place)));
  return [
    ...(leaving.length === 0 ? [] : [{ places: before.targets, people: new Set(leaving) }]),
    ...(places.length === 0 ? [] : [{ places, people: "all" as const }]),
  ];
};

const openSessions = async ({ accessReader }: Sources, change: Change): Promise<Warning[]> => {
  const { before } = change;
  const groups = losing(change);
  if (before === null || groups.length === 0) return [];
  const found = await Promise.all(
    groups.flatMap(({ places, people }) =>
      places.map(async (place) =>
        (await accessReader.sessions(place, "active"))
          .filter((session) => isSessionOf(session, before))
          .filter((session) => people === "all" || people.has(userNameOf(session).toLowerCase()))
          .map((session) => ({ ...session, place })),
      ),
    ),
  );
  const running = [...new Map(found.flat().map((session) => [session.id, session])).values()];
  return [{ code: "open_sessions", message: openSessionsMessage(before, running) }];
};

const openSessionsMessage = (
  { permissionSet: { name, sessionDuration } }: EnvironmentSpec,
  running: readonly (CloudSession & { place: Scope })[],
): string => {
  const roles = `Role sessions of ${name} that were issued before go on for up to ${sessionDuration}: end them in Identity Center (revoke active sessions of the permission set), or they may start new sessions until then.`;
  const [first] = running;
  if (first === undefined)
    return `Nobody who loses access has a session open now, as far as Systems Manager shows. A session that starts before this is applied does not end with it. ${roles}`;
  const named = listed(running.map((session) => `${session.id} (${userNameOf(session)} on ${session.target})`));
  return `Sessions that run do not end with this: ${named}. End each: aws ssm terminate-session --session-id ${first.id} --region ${first.place.region}. ${roles}`;
};

const nodeWarnings = async ({ accessReader, store }: Sources, change: Change): Promise<Warning[]> => {
  const { after } = change;
  if (after === null) return [];
  const places = newPlaces(change);
  const nodes = (
    await Promise.all(places.map((place) => nodesIn({ accessReader, tables: store }, after, place)))
  ).flat();
  const inTwo = nodes.filter(({ problems }) => problems.some(({ code }) => code === "in_two_environments"));
  const outside = nodes.filter((node) => isOutside(node, after, change.resolved));
  return [
    ...(inTwo.length === 0
      ? []
      : [
          {
            code: "node_in_two_environments" as const,
            message: `Other environments hold these nodes too, by another tag: ${listed(inTwo.map(problemText))} Their people and those of ${after.name} both reach them.`,
          },
        ]),
    ...(outside.length === 0
      ? []
      : [
          {
            code: "node_outside_logging_role" as const,
            message: `These nodes have a role to which the right to write the logs is not given: ${listed(outside.map(({ id, role }) => `${id} (${role ?? "no role"})`))}. Sessions on them are refused, or leave no record.`,
          },
        ]),
  ];
};

const problemText = ({ id, problems }: EnvironmentNode): string =>
  `${id}: ${problems.find(({ code }) => code === "in_two_environments")?.message ?? ""}`;

/** A preview attaches its policy to the foundation's role and to the activation's only when it is applied. */
const isOutside = (
  { role, problems, account, region }: EnvironmentNode,
  { name }: EnvironmentSpec,
  resolved: JsonObject,
): boolean => {
  if (role === null || !problems.some(({ code }) => code === "outside_logging_role")) return false;
  const { targets } = environmentArguments.parse(resolved);
  const target = targets.find(({ access }) => isSamePlace(access, { account, region }));
  return role !== target?.foundation.nodeRoleName && role !== activationRoleName(name);
};
