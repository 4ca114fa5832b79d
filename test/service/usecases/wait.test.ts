import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";
import { foundationRequest } from "../../../service/domain/foundation-document.ts";

const request = (action: "preview" | "up") =>
  foundationRequest.parse({ action, foundation: { account: "111122223333", region: "ap-southeast-1" } });
const patient = { seconds: 20, signal: new AbortController().signal };

describe("waiting for an operation", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
  });
  afterEach(() => database.drop());

  it("ends with the preview when no up follows", async () => {
    const preview = await world.useCases.submitFoundation(admin, request("preview"));
    const waiting = world.useCases.waitFor(preview, { ...patient, follow: true });
    await world.work();
    expect(await waiting).toMatchObject({ done: true, operation: { id: preview.id, status: "succeeded" } });
  });

  it("ends with the up where one follows, as that tells how the request went", async () => {
    const preview = await world.useCases.submitFoundation(admin, request("up"));
    const waiting = world.useCases.waitFor(preview, { ...patient, follow: true });
    await world.work();
    expect(await waiting).toMatchObject({
      done: true,
      operation: { kind: "up", continues: preview.id, status: "succeeded" },
    });
  });

  it("ends with the named operation alone when it is not to follow", async () => {
    const preview = await world.useCases.submitFoundation(admin, request("up"));
    await world.work();
    const answer = await world.useCases.waitFor(preview, { ...patient, follow: false });
    expect(answer).toMatchObject({ done: true, operation: { id: preview.id, kind: "preview" } });
  });

  it("gives the operation as it stands when the time is over, or the caller is gone", async () => {
    const preview = await world.useCases.submitFoundation(admin, request("up"));
    const { signal } = new AbortController();
    const late = await world.useCases.waitFor(preview, { seconds: 0, follow: true, signal });
    expect(late).toMatchObject({ done: false, operation: { id: preview.id, status: "queued" } });
    const gone = await world.useCases.waitFor(preview, { ...patient, follow: true, signal: AbortSignal.abort() });
    expect(gone).toMatchObject({ done: false, operation: { id: preview.id, status: "queued" } });
  });
});
