/** Nothing that may write is begun where the state might not be written whole. */
import { tmpdir } from "node:os";
import { noRoomProblem } from "../../../../service/engine/automation/run/room.ts";

const runs = "/data/pulumi/runs";
const backendAt = (url: string) => ({ backend: { url, secretsProvider: "passphrase", passphrase: null }, runs });
const left =
  (megabytes: Record<string, number | null>) =>
  (directory: string): Promise<number | null> =>
    Promise.resolve(megabytes[directory] ?? null);

describe("room for a state", () => {
  it("is there", async () => {
    expect(await noRoomProblem(backendAt("file:///state"), left({ "/state": 32, [runs]: 32 }))).toBeNull();
  });

  it("is missing where the state lies", async () => {
    const problem = await noRoomProblem(backendAt("file:///state"), left({ "/state": 31.9, [runs]: 500 }));
    expect(problem).toMatchObject({ code: "engine_failed", failure: "disk_full" });
    expect(problem?.detail).toMatch(
      /^The disk of the state's backend has 31 MB left, and 32 MB are needed: .* Nothing was begun\. /,
    );
  });

  it("is missing on the worker's own disk, wherever the state lies", async () => {
    const problem = await noRoomProblem(backendAt("s3://bucket"), left({ [runs]: 0 }));
    expect(problem?.detail).toMatch(/^The disk of this worker has 0 MB left/);
  });

  it("is the CLI's to tell of a directory that cannot be looked at", async () => {
    expect(await noRoomProblem(backendAt("file:///state"), left({}))).toBeNull();
    expect(await noRoomProblem({ ...backendAt("file:///nowhere/at/all"), runs: "/nowhere/either" })).toBeNull();
  });

  it("is looked at", async () => {
    expect(await noRoomProblem({ ...backendAt(`file://${tmpdir()}`), runs: tmpdir() })).toBeNull();
  });
});
