/** The step of a verification that looks at the nodes. */
import type { EnvironmentNode } from "../../domain/nodes.ts";
import { isSamePlace } from "../../domain/targets.ts";
import type { VerificationFinding } from "../../domain/verification.ts";
import type { KnownNode } from "../../store/known-nodes.ts";
import { nodesIn } from "../access/nodes.ts";
import { counted, failed, notYet, type StepOfVerification, type VerificationContext } from "./verification-context.ts";

/** `prod-server01 (i-0123…)`, or the id alone. */
const titleOf = (id: string, name: string | null | undefined): string => (name ? `${name} (${id})` : id);

const findingsOf = ({ id, tags, problems }: EnvironmentNode): VerificationFinding[] =>
  problems.map(({ message, toDo }) => failed(id, `${titleOf(id, tags["Name"])}: ${message}`, toDo));

/** Nodes that were there at the last verification and are not any more; those that no longer exist are forgotten. */
const lostNodes = async (
  { accessReader, tables, stack, spec }: VerificationContext,
  found: readonly EnvironmentNode[],
): Promise<{ lost: KnownNode[]; gone: string[] }> => {
  const here = new Set(found.map(({ id }) => id));
  const known = (await tables.knownNodes.of(stack.name)).filter(({ node }) => !here.has(node));
  const targets = spec.targets.filter((place) => known.some((node) => isSamePlace(node, place)));
  const still = await Promise.all(
    targets.map((place) => {
      const ids = known.filter((node) => isSamePlace(node, place)).map(({ node }) => node);
      return accessReader.nodesById(place, ids);
    }),
  );
  const existing = new Set(
    still
      .flat()
      .filter(({ instanceState }) => instanceState !== "terminated" && instanceState !== "shutting-down")
      .map(({ id }) => id),
  );
  return {
    lost: known.filter(({ node }) => existing.has(node)),
    // Also those of targets that the environment has given up.
    gone: known.filter(({ node }) => !existing.has(node)).map(({ node }) => node),
  };
};

/**
 * Whether the nodes that carry the tag can be reached, and whether one has lost it. What was seen is remembered for the next
 * time.
 */
export const nodesStep: StepOfVerification = async (context) => {
  const { spec, tables, stack, now } = context;
  const tag = `${spec.tag.key}=${spec.tag.value}`;
  const found = (await Promise.all(spec.targets.map((place) => nodesIn(context, spec, place)))).flat();
  const { lost, gone } = await lostNodes(context, found);
  await tables.knownNodes.forget(stack.name, gone);
  await tables.knownNodes.see(
    stack.name,
    found.map(({ account, region, id, tags }) => ({
      account,
      region,
      node: id,
      name: tags["Name"] ?? null,
      seenAt: now,
    })),
  );
  const none =
    found.length === 0 && lost.length === 0
      ? [
          notYet(
            tag,
            `No server carries ${tag} in the environment's targets.`,
            `Tag a server: aws ec2 create-tags --resources <instance-id> --tags Key=${spec.tag.key},Value=${spec.tag.value}; a server on premises takes the tags of its activation.`,
          ),
        ]
      : [];
  return {
    message: `${counted(found.length, "node")} with ${tag}, of which ${found.filter(({ reachable }) => reachable).length} can be reached.`,
    findings: [
      ...found.flatMap(findingsOf),
      ...lost.map(({ node, name, seenAt }) =>
        failed(
          node,
          `${titleOf(node, name)} carried ${tag} when it was last verified (${seenAt.toISOString()}), and does not any more: the environment's people have lost it.`,
          `Put the tag back, after a look in CloudTrail (CreateTags, DeleteTags) at who took it; or say that it is so on purpose: { "forgetNodes": ["${node}"] } in the next verification's body.`,
        ),
      ),
      ...none,
    ],
  };
};
