/** In words: onto what a way leads that is not the environment's own, and how it can be kept to what is. */
import type { Tag } from "../../../stacks/policies/evaluation/access-environment.ts";
import type { ReachConflict } from "../../../stacks/policies/evaluation/reach-conflicts.ts";

interface Words {
  /** After "could use ssm:StartSession on". */
  where: string;
  /** Whole sentences. */
  mend: string;
  /** Of the field, after "must not open ssm:StartSession". */
  short: string;
}

const words: Record<ReachConflict["scope"], (tag: Tag, account: string) => Words> = {
  account: (_, account) => ({
    where: `every node of account ${account}, since no tag guards that right`,
    mend: "Take it out of extraStatements.",
    short: ", which reaches nodes whatever their tags",
  }),
  session: (_, account) => ({
    where: `sessions of others in account ${account}`,
    mend: 'Take it out of extraStatements, or bind it to sessions of their own with "StringEquals": { "ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}" }.',
    short: " on sessions of others",
  }),
  node: ({ key, value }, account) => ({
    where: `nodes of account ${account} that do not carry ${key}=${value}`,
    mend: `Take it out of extraStatements, or bind it to the environment's tag with "StringEquals": { "aws:ResourceTag/${key}": "${value}" }.`,
    short: " on nodes without the environment's tag",
  }),
};

/** @param tag the environment's own */
export const beyondEnvironment = (tag: Tag, { scope, account }: Pick<ReachConflict, "scope" | "account">): Words =>
  words[scope](tag, account);
