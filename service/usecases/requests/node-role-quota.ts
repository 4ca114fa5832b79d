/**
 * The account's node role takes a managed policy of each environment and region, and IAM allows a role only so many. Said at
 * submission: AWS would refuse it in the middle of an up that a preview had shown as possible.
 */
import { z } from "zod";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import { environmentStack } from "../../domain/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Settings } from "../dependencies.ts";

/** `AmazonSSMManagedInstanceCore`, which every node role has. */
const policiesOfTheRoleItself = 1;

/** Of a stored document, which was valid when it was accepted. */
const withTargets = z.object({ targets: z.array(z.object({ account: z.string() })) });

const targetsIn = (account: string, document: unknown): number =>
  withTargets.parse(document).targets.filter((target) => target.account === account).length;

/**
 * Counts what Gatehouse attaches or is about to, by our own database. What others attach to the role is not known here.
 *
 * @throws DomainError `quota_exceeded`
 */
export const checkNodeRoleQuota = async (
  tables: Tables,
  spec: EnvironmentSpec,
  { policiesPerRole }: Pick<Settings, "policiesPerRole">,
): Promise<void> => {
  if (policiesPerRole === 0) return;
  const stack = environmentStack(spec.name);
  for (const account of new Set(spec.targets.map((target) => target.account))) {
    const others = await tables.stacks.othersClaiming(stack, { accounts: [account] });
    // One document of each: that of an up on its way holds beside the one applied.
    const perStack = Map.groupBy(others, (other) => other.stack);
    const attached = [...perStack.values()].reduce(
      (sum, claims) => sum + Math.max(...claims.map((claim) => targetsIn(account, claim.spec))),
      0,
    );
    const foundations = await tables.stacks.otherFoundations(account, stack);
    const free = policiesPerRole - policiesOfTheRoleItself - foundations.length - attached;
    const wanted = targetsIn(account, spec);
    if (wanted <= free) continue;
    throw new DomainError(
      "quota_exceeded",
      `The node role of account ${account} takes one managed policy of each environment and region, and IAM allows it ${policiesPerRole}: ${attached} are other environments', ${foundations.length + policiesOfTheRoleItself} the foundations', so ${Math.max(free, 0)} are free and ${wanted} would be needed. Use another account, destroy an environment there (DELETE /v1/environments/{name}), or have AWS raise the quota "Managed policies attached to an IAM role" and set GATEHOUSE_POLICIES_PER_ROLE to it.`,
      { errors: [{ pointer: "/environment/targets", message: `must fit on the node role of account ${account}` }] },
    );
  }
};
