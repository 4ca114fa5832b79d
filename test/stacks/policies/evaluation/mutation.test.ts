import type { PolicyProfile, PolicyStatement } from "../../../../stacks/arguments.ts";
import {
  type PreparedEnvironment,
  prepareEnvironment,
} from "../../../../stacks/policies/evaluation/access-environment.ts";
import { accessDiff } from "../../../../stacks/policies/evaluation/access-diff.ts";
import { accessMatrix } from "../../../../stacks/policies/evaluation/access-matrix.ts";
import { permissionSetPolicy } from "../../../../stacks/policies/permission-set-policy.ts";
import { environment, server } from "../../fixtures/evaluation/reference.ts";

/** The environment's own nodes, another's, and its own tag in a region that is no target. */
const nodes = [
  server("Production"),
  server("Production", "managed"),
  server("Development"),
  server("Development", "managed"),
  server("Production", "ec2", { region: "eu-west-1" }),
];

interface Mutant {
  what: string;
  statements: PolicyStatement[];
}

const without = <Item>(items: Item[], index: number): Item[] => items.filter((_, place) => place !== index);

/** Each statement removed, each action removed, each resource removed, each condition key dropped. */
const mutants = (statements: PolicyStatement[]): Mutant[] =>
  statements.flatMap((statement, index) => {
    const replaced = (change: PolicyStatement) => statements.map((item, place) => (place === index ? change : item));
    const name = statement.Sid ?? `statement ${index}`;
    const actions = [statement.Action ?? []].flat();
    const resources = [statement.Resource ?? []].flat();
    return [
      { what: `${name} removed`, statements: without(statements, index) },
      ...(actions.length > 1 ? actions : []).map((action, place) => ({
        what: `${name} without ${action}`,
        statements: replaced({ ...statement, Action: without(actions, place) }),
      })),
      ...(resources.length > 1 ? resources : []).map((resource, place) => ({
        what: `${name} without ${resource}`,
        statements: replaced({ ...statement, Resource: without(resources, place) }),
      })),
      ...Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => {
          const kept = Object.fromEntries(Object.entries(keys).filter(([other]) => other !== key));
          return {
            what: `${name} without ${operator} ${key}`,
            statements: replaced({ ...statement, Condition: { ...statement.Condition, [operator]: kept } }),
          };
        }),
      ),
    ];
  });

/**
 * AWS asks for the document check on every statement that allows StartSession. On the documents' own it can never decide: with a
 * document named the key is absent, and without one the nodes' statement refuses first.
 */
const redundant = "StartSessionWithDocuments without BoolIfExists ssm:SessionDocumentAccessCheck";
/** Denied in any case, since nothing allows it: these Denies stand against later Allows, as the next test shows. */
const isDeny = ({ Effect }: PolicyStatement) => Effect === "Deny";

const subjects: [string, PolicyProfile, PreparedEnvironment][] = (["hardened", "whitepaper"] as const).flatMap(
  (profile) => [
    [
      `${profile}, on premises`,
      profile,
      environment("production", profile, { sessionDocuments: ["shell", "port-forwarding", "ssh"] }),
    ],
    [`${profile}, EC2 only`, profile, environment("production", profile, { onPremises: null })],
  ],
);

const statementsOf = (profile: PolicyProfile, hybrid: boolean, all: boolean): PolicyStatement[] =>
  permissionSetPolicy({
    name: "production",
    tag: { key: "project", value: "Production" },
    targets: [{ account: "111122223333", region: "ap-southeast-1" }],
    policyProfile: profile,
    sessionDocuments: all ? ["shell", "port-forwarding", "ssh"] : ["shell"],
    onPremises: hybrid ? {} : null,
    extraStatements: [],
  }).Statement;

const changed = (original: PreparedEnvironment, statements: PolicyStatement[]): string[] => {
  const mutant = prepareEnvironment({ ...original, policy: { Version: "2012-10-17", Statement: statements } });
  const [before, after] = [original, mutant].map((item) => accessMatrix([item], nodes));
  return [
    ...accessDiff(before ?? [], after ?? []).map(({ action }) => action),
    // An explicit deny that turns into an implicit one is no change of access, but one of what decides.
    ...(before ?? []).filter((row, index) => row.decision !== after?.[index]?.decision).map(({ action }) => action),
  ];
};

describe.each(subjects)("%s", (title, profile, original) => {
  const statements = statementsOf(profile, title.includes("premises"), title.includes("premises"));

  it("is the policy that is mutated", () => {
    expect(original.policy).toEqual({ Version: "2012-10-17", Statement: statements });
  });

  it.each(mutants(statements).map((mutant) => [mutant.what, mutant] as const))(
    "%s: the matrix notices",
    (what, mutant) => {
      const noticed = changed(original, mutant.statements);
      const unseen =
        what === redundant ||
        // Whitepaper, EC2 only: a federated user has no aws:username, so what this statement grants is nothing.
        (profile === "whitepaper" && !title.includes("premises") && what === "statement 2 removed");
      expect(noticed.length > 0).toBe(!unseen);
    },
  );

  it("keeps its Denies against whatever is added", () => {
    for (const action of statements.filter(isDeny).flatMap(({ Action }) => [Action ?? []].flat())) {
      const everything: PolicyStatement = { Effect: "Allow", Action: "*", Resource: "*" };
      const open = prepareEnvironment({
        ...original,
        policy: { Version: "2012-10-17", Statement: [...statements, everything] },
      });
      const rows = accessMatrix([open], nodes).filter((row) => row.action === action);
      expect(rows.map(({ decision }) => decision)).toEqual(rows.map(() => "explicit_deny"));
      expect(rows.length).toBeGreaterThan(0);
    }
  });
});
