/** A request that goes on to its up, over HTTP and by the real CLI: two operations, and one process of the CLI for both. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Operation } from "../../service/domain/operation.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";
import { findTestCli } from "../support/pulumi-cli.ts";

const cli = await findTestCli();

const target = { account: "111122223333", region: "ap-southeast-1" };
const production = { name: "production", tag: { key: "project", value: "Production" }, targets: [target] };

(cli === null ? describe.skip : describe)("a direct up by the real CLI", () => {
  let application: TestApplication;
  let state = "";
  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), "gatehouse-state-"));
    application = await startTestApplication({
      environment: {
        GATEHOUSE_ENGINE: "automation",
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: "of a test",
      },
    });
  }, 60_000);
  afterAll(async () => {
    await application.close();
    await rm(state, { recursive: true, force: true });
  });

  const ask = async (path: string, body: object): Promise<Operation> => {
    const answer = await application.call("POST", path, body, { Prefer: "wait=60" });
    return (await answer.json()) as Operation;
  };
  /** Steps run side by side. */
  const inOrder = ({ steps }: Operation) => steps.toSorted((one, other) => one.urn.localeCompare(other.urn));
  const processes = async (stack: string): Promise<string[]> => {
    const { rows } = await application.database.pool.query<{ kind: string }>(
      "select kind from automation.processes where stack = $1 and ended_at is not null order by started_at",
      [stack],
    );
    return rows.map(({ kind }) => kind);
  };

  it("previews and applies in one process, and still shows each as an operation of its own", async () => {
    await ask("/v1/foundation-requests", { action: "up", foundation: target });
    const first = await ask("/v1/environment-requests", { action: "up", environment: production });
    expect(first).toMatchObject({ kind: "up", status: "succeeded", problem: null });
    // One to make the stack, and one for all the rest.
    expect(await processes("environment.production")).toEqual(["preview", "up"]);

    const described = { ...production, permissionSet: { description: "changed" } };
    const second = await ask("/v1/environment-requests", { action: "up", environment: described });
    expect(second).toMatchObject({ kind: "up", status: "succeeded", changes: { update: 1 } });
    expect(await processes("environment.production")).toEqual(["preview", "up", "up"]);
    const preview = (await (
      await application.call("GET", `/v1/operations/${second.continues ?? ""}`)
    ).json()) as Operation;
    expect(preview).toMatchObject({ kind: "preview", status: "succeeded", digest: second.digest });
    expect(inOrder(preview)).toEqual(inOrder(second));
    expect(preview.continuedBy).toBe(second.id);
  }, 120_000);

  it("has a process for each where somebody applies a preview later", async () => {
    const environment = { ...production, permissionSet: { description: "changed again" } };
    const preview = await ask("/v1/environment-requests", { action: "preview", environment });
    const up = await ask(`/v1/operations/${preview.id}/apply`, {});
    expect(up).toMatchObject({ kind: "up", status: "succeeded" });
    expect((await processes("environment.production")).slice(3)).toEqual(["preview", "up"]);
  }, 120_000);
});
