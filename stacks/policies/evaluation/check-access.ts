import { preferencesDocumentName } from "../../names.ts";
import type { PreparedEnvironment } from "./access-environment.ts";
import { type AccessQuestion, accessRequests } from "./access-requests.ts";
import { type Decision, evaluate, type Evaluation, type Reason } from "./evaluate.ts";
import type { PolicyProblem } from "./problem.ts";

/** Who asks: any member of an environment, or a person with every assignment that they have. */
export type Asker = { environment: string } | { userName: string };

/** A question as it is asked; what is left out is the environment's own. */
export type PartialQuestion = Pick<AccessQuestion, "action" | "node"> & Partial<AccessQuestion>;

/**
 * What AWS does not document, and what we say instead.
 *
 * - `document_not_granted`: the session names no document and the policy does not grant the default one; such sessions
 *   started in 2021, and AWS's guide has said since that the document must be granted
 * - `data_channel_not_granted`: the policy does not grant `ssmmessages:OpenDataChannel`, as AWS's samples do now
 */
export interface AccessWarning {
  code: "document_not_granted" | "data_channel_not_granted";
  environment: string;
  message: string;
}

export type AccessReason = Reason & { environment: string };

export interface AccessAnswer {
  /** Whether anybody knows who asks. */
  known: boolean;
  decision: Decision | "undecided";
  because: AccessReason[];
  problems: (PolicyProblem & { environment: string })[];
  warnings: AccessWarning[];
}

type Ranked = Pick<AccessAnswer, "decision">;

const first = <Item extends Ranked>(items: readonly Item[], order: readonly AccessAnswer["decision"][]): Item[] => {
  const decision = order.find((candidate) => items.some((item) => item.decision === candidate));
  return items.filter((item) => item.decision === decision);
};

/** Every part must be allowed: one refusal refuses, however the others came out. */
const together = ["explicit_deny", "implicit_deny", "undecided", "allow"] as const;
/** Any role may allow; a Deny binds its own role only. */
const anyRole = ["allow", "undecided", "explicit_deny", "implicit_deny"] as const;

const nothing = (known: boolean): AccessAnswer => ({
  known,
  decision: "implicit_deny",
  because: [],
  problems: [],
  warnings: [],
});

/** One statement may decide on node and document both. */
const distinct = (reasons: AccessReason[]): AccessReason[] => [
  ...new Map(reasons.map((reason) => [reason.index, reason])).values(),
];

const warning = (code: AccessWarning["code"], environment: string, message: string): AccessWarning => ({
  code,
  environment,
  message,
});

/** Answers of one environment's role in the node's account. */
const roleAnswer = (
  environment: PreparedEnvironment,
  userName: string | null,
  given: PartialQuestion,
): AccessAnswer => {
  const { name, parsed, targets } = environment;
  const { account } = given.node;
  // Without an assignment in the account there is no role, and no other account's role can reach the node.
  if (!targets.some((target) => target.account === account)) return nothing(true);
  const inEnvironment = <Item>(items: Item[]) => items.map((item) => ({ environment: name, ...item }));
  if ("problems" in parsed) {
    return { ...nothing(true), decision: "undecided", problems: inEnvironment(parsed.problems) };
  }
  const question: AccessQuestion = {
    document: environment.sessionDocument,
    sessionOwner: null,
    keyAliases: [environment.keyAlias],
    keyAccount: null,
    ...given,
  };
  const principal = { environment: name, account, userName };
  const decide = (asked: AccessQuestion): Evaluation[] =>
    accessRequests(asked, principal).map(({ request }) => evaluate([parsed.policy], request));
  const deciding = first(decide(question), together);
  const answer: AccessAnswer = {
    known: true,
    decision: deciding[0]?.decision ?? "implicit_deny",
    because: distinct(inEnvironment(deciding.flatMap(({ because }) => because))),
    problems: inEnvironment(deciding.flatMap((item) => ("problems" in item ? item.problems : []))),
    warnings: [],
  };
  if (question.action.toLowerCase() !== "ssm:startsession" || answer.decision !== "allow") return answer;
  const allows = (asked: AccessQuestion): boolean => decide(asked).every(({ decision }) => decision === "allow");
  const granted = question.document !== null || allows({ ...question, document: preferencesDocumentName });
  const channel = allows({ ...question, action: "ssmmessages:OpenDataChannel" });
  return {
    ...answer,
    warnings: [
      ...(granted
        ? []
        : [
            warning(
              "document_not_granted",
              name,
              `the policy does not grant ${preferencesDocumentName}: such sessions started in 2021, AWS's guide now wants the document granted`,
            ),
          ]),
      ...(channel
        ? []
        : [
            warning(
              "data_channel_not_granted",
              name,
              "the policy does not grant ssmmessages:OpenDataChannel: sessions started without it in 2021, AWS's samples grant it now",
            ),
          ]),
    ],
  };
};

/**
 * Whether somebody may do something, and which statements decided. A person with several assignments uses one role at a time,
 * as the access portal offers them, so one that allows is enough.
 */
export const checkAccess = (
  environments: readonly PreparedEnvironment[],
  asker: Asker,
  question: PartialQuestion,
): AccessAnswer => {
  const [roles, userName] =
    "environment" in asker
      ? [environments.filter(({ name }) => name === asker.environment), null]
      : [
          environments.filter(({ members }) => members.some((member) => isSameUser(member, asker.userName))),
          asker.userName,
        ];
  const answers = roles.map((environment) => roleAnswer(environment, userName, question));
  const deciding = first(answers, anyRole);
  return {
    ...nothing(roles.length > 0),
    decision: deciding[0]?.decision ?? "implicit_deny",
    because: deciding.flatMap(({ because }) => because),
    problems: deciding.flatMap(({ problems }) => problems),
    warnings: deciding.flatMap(({ warnings }) => warnings),
  };
};

/** Identity Center keeps one user for `Ann` and `ann`. */
const isSameUser = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
