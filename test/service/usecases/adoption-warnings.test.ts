/** What a preview says of access that comes with what is taken over. */
import type { AccessReader } from "../../../service/cloud/access-reader.ts";
import { CloudReadError } from "../../../service/cloud/read-error.ts";
import { environmentDocument } from "../../../service/domain/environment-document.ts";
import { permissionSetPolicy } from "../../../stacks/policies/permission-set-policy.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const target = { account: "111122223333", region: "ap-southeast-1" } as const;
const ann = { userName: "Ann", email: "ann@example.com", givenName: "Ann", familyName: "Example" };
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [target],
  group: { members: [ann] },
  adopt: ["permission-set" as const, "group" as const],
  adoptChanges: ["permission-set" as const, "group" as const],
};
const own = JSON.stringify(permissionSetPolicy(environmentDocument.parse(production)));
const wide = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "Everything", Effect: "Allow", Action: ["ssm:StartSession", "ssm:SendCommand"], Resource: "*" }],
});

describe("a preview that takes over what others have too", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeAll(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(target);
    world.account.groups.add("ProductionAccess");
    world.account.permissionSets.add("ProductionPermissionSet");
  });
  afterAll(() => database.drop());

  const messages = async (answers: Partial<AccessReader>): Promise<string[]> => {
    const before = world.dependencies.accessReader;
    world.dependencies.accessReader = { ...before, ...answers };
    const { warnings, status } = await world.previewEnvironment(production);
    world.dependencies.accessReader = before;
    expect(status).toBe("succeeded");
    return warnings
      .filter(({ code }) => code === "adoption_changes_access" || code === "access_not_read")
      .map(({ message }) => message);
  };

  it("names who has the permission set by an assignment that the document does not ask for", async () => {
    const assignments = () =>
      Promise.resolve([
        { account: target.account, principalType: "GROUP" as const, principalId: "ProductionAccess" },
        { account: "444455556666", principalType: "GROUP" as const, principalId: "ProductionAccess" },
        { account: target.account, principalType: "USER" as const, principalId: "u-1" },
      ]);
    expect(await messages({ assignments })).toEqual([
      expect.stringMatching(
        /^The permission set ProductionPermissionSet .* stay: group ProductionAccess in account 444455556666, user u-1 in account 111122223333\./,
      ),
    ]);
  });

  it("names attached policies, which hold for the environment's people too", async () => {
    const attached = ["arn:aws:iam::aws:policy/AdministratorAccess", "/team/ReadLogs"];
    expect(await messages({ attachedToPermissionSet: () => Promise.resolve(attached) })).toEqual([
      expect.stringContaining("arn:aws:iam::aws:policy/AdministratorAccess, /team/ReadLogs. They hold for"),
    ]);
  });

  it("names a permissions boundary, which limits the environment's people too", async () => {
    expect(await messages({ permissionsBoundary: () => Promise.resolve("/team/Limit") })).toEqual([
      expect.stringMatching(/permissions boundary that stays: \/team\/Limit\. Its people can do only what that allows/),
    ]);
  });

  it("says what everybody who has the permission set gains and loses by the policy that it gets", async () => {
    const [message = "", ...more] = await messages({ inlinePolicy: () => Promise.resolve(wide) });
    expect(more).toEqual([]);
    expect(message).toMatch(/^The inline policy of ProductionPermissionSet is replaced by the environment's \(/);
    expect(message).toContain("Everything is missing");
    expect(message).toMatch(/On the environment's nodes they gain: .*ssm:ResumeSession.* They lose: .*ssm:SendCommand/);
    expect(await messages({ inlinePolicy: () => Promise.resolve("no policy") })).toEqual([
      expect.stringContaining("cannot be evaluated"),
    ]);
    expect(await messages({ inlinePolicy: () => Promise.resolve(own) })).toEqual([]);
  });

  it("names members of the group that the document does not name, in whatever case it names them", async () => {
    const members = ["ann", "bob"].map((userName) => ({ userId: `u-${userName}`, userName }));
    expect(await messages({ groupMembers: () => Promise.resolve(members) })).toEqual([
      expect.stringMatching(/^The group ProductionAccess .* stay: bob\. They get the environment's access\./),
    ]);
  });

  it("says so where AWS does not tell, and holds nothing back", async () => {
    const denied = new CloudReadError(
      "access_denied",
      { action: "sso:ListManagedPoliciesInPermissionSet", scope: target, role: null },
      { code: "AccessDeniedException", message: "no" },
    );
    expect(await messages({ attachedToPermissionSet: () => Promise.reject(denied) })).toEqual([
      expect.stringContaining("Allow sso:ListManagedPoliciesInPermissionSet"),
    ]);
  });

  it("asks nothing where everything is made new", async () => {
    const asked: string[] = [];
    const before = world.dependencies.accessReader;
    world.dependencies.accessReader = {
      ...before,
      assignments: (arn) => {
        asked.push(arn);
        return Promise.resolve([]);
      },
    };
    const made = { name: "new-one", tag: { key: "project", value: "New" }, targets: [target] };
    expect(await world.previewEnvironment(made)).toMatchObject({ status: "succeeded" });
    world.dependencies.accessReader = before;
    expect(asked).toEqual([]);
  });
});
