import { takingOver, type Existing } from "../../../service/usecases/resolving/taking-over.ts";
import { typeTokens } from "../../../service/domain/type-tokens.ts";
import type { ResolveContext } from "../../../service/usecases/resolving/resolve.ts";
import type { StackRow } from "../../../service/store/stacks.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld } from "../../support/use-cases.ts";

const scope = { account: "111122223333", region: "ap-southeast-1" };
const key: Existing = {
  what: "a KMS key",
  type: typeTokens.key,
  scope,
  found: { id: "key-id", importId: "key-id" },
  adoptAs: null,
  togetherWith: typeTokens.keyAlias,
};
const resource = (type: string, id: string) => ({ ...scope, urn: id, name: id, type, id, retainOnDelete: true });

describe("a key and its alias, which are taken over together", () => {
  let database: TestDatabase;
  let context: ResolveContext;

  beforeAll(async () => {
    database = await createTestDatabase();
    const { store, reader, settings } = createUseCaseWorld(database.pool).dependencies;
    context = { tables: store, reader, settings, now: new Date(0) };
  });
  afterAll(() => database.drop());

  const stackOf = (resources: StackRow["resources"]): StackRow => ({
    name: "environment/production",
    sequence: 1,
    kind: "environment",
    team: "default",
    status: "failed",
    revision: 0,
    spec: null,
    arguments: null,
    outputs: {},
    resources,
    outdated: false,
    drift: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
  });

  it("are the stack's own once it holds both", async () => {
    const stack = stackOf([
      resource(typeTokens.key, "key-id"),
      resource(typeTokens.keyAlias, "alias/gatehouse/production"),
    ]);
    expect(await takingOver(context, stack, []).importIdOf(key)).toBeNull();
  });

  it("are named again when a run broke off between the two", async () => {
    const stack = stackOf([resource(typeTokens.key, "key-id")]);
    expect(await takingOver(context, stack, []).importIdOf(key)).toBe("key-id");
  });
});
