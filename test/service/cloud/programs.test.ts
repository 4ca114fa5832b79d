/** The account takes what the programs really ask for, and a second look finds nothing to change. */
import * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../../../service/domain/json.ts";
import { listCalls, listResources } from "../../../service/cloud/simulated/out-of-band.ts";
import { environment } from "../../../stacks/environment/program.ts";
import { foundation } from "../../../stacks/foundation/program.ts";
import { asKept, createTestAccount, home, target } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { production } from "../../stacks/environment/production.ts";
import { foundationArguments } from "../../stacks/foundation/run-foundation.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
afterAll(() => test.drop());

interface Registered {
  type: string;
  id: string;
  inputs: JsonObject;
  outputs: JsonObject;
  scope: { account: string; region: string };
}

/** Providers are named after their account, `account-111122223333`, or after Identity Center. */
const scopeOf = (provider: string | undefined, inputs: JsonObject) => ({
  account: provider?.includes("identity-center")
    ? home.account
    : (/account-(\d{12})/.exec(provider ?? "")?.[1] ?? target.account),
  region: typeof inputs["region"] === "string" ? inputs["region"] : target.region,
});

/** Runs a program against the account as an engine would that makes everything anew. */
const run = async (program: () => Promise<unknown>): Promise<Registered[]> => {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs, provider, custom }) => {
        if (custom !== true || !type.startsWith("aws:")) return { id: name, state: inputs as JsonObject };
        const given = inputs as JsonObject;
        const scope = scopeOf(provider, given);
        expect({ type, failures: test.provider.check(type, given, scope) }).toEqual({ type, failures: [] });
        const { id, outputs } = await test.provider.create(type, name, given, scope);
        registered.push({ type, id, inputs: given, outputs, scope });
        return { id, state: outputs };
      },
      call: ({ token, inputs, provider }) =>
        test.provider.invoke(token, inputs as JsonObject, scopeOf(provider, inputs as JsonObject)),
    },
    "gatehouse",
    "test",
  );
  const failures: unknown[] = [];
  await pulumi.runtime.runInPulumiStack(() => program().catch((failure: unknown) => void failures.push(failure)));
  await pulumi.runtime.disconnect();
  expect(failures).toEqual([]);
  return registered;
};

const unchanged = async (registered: Registered[]): Promise<void> => {
  for (const { type, id, inputs, outputs, scope } of registered) {
    expect({ type, changes: test.provider.diff(type, inputs, inputs, outputs).changes }).toEqual({ type, changes: [] });
    const kept = { inputs: asKept(type, inputs, outputs), outputs };
    expect({ type, read: await test.provider.read(type, id, scope) }).toEqual({ type, read: kept });
  }
};

it("takes the reference's foundation, then its production environment, and gives them up in reverse order", async () => {
  const foundationResources = await run(() =>
    foundation(
      foundationArguments({
        notifications: { emails: ["security@example.com"], trail: null },
        activationTier: "advanced",
      }),
    ),
  );
  await unchanged(foundationResources);
  const environmentResources = await run(() =>
    environment(
      production({
        identityCenter: { ...home, roleArn: null },
        onPremises: { ...target, registrationLimit: 10, expirationDate: "2026-10-15T12:00:00Z" },
      }),
    ),
  );
  await unchanged(environmentResources);
  const all = [...foundationResources, ...environmentResources];
  for (const { type, id, scope } of [...all].reverse()) await test.provider.delete(type, id, scope);
  const left = (await listResources(test.account)).filter(({ deletionDate }) => deletionDate === null);
  expect(left.map(({ type, id }) => `${type} ${id}`)).toEqual([]);
  expect(await listCalls(test.account)).toHaveLength(all.length * 2);
});
