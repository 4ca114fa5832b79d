/** A slice of `npm run test:chaos`, small enough for every run of the tests: docs/chaos.md. */
import { runChaos } from "./chaos-run.ts";
import { complaints, killsIn } from "./report.ts";

describe("processes that are killed in the middle of their work", () => {
  it("lose no operation, apply nothing twice, and leave no false state", async () => {
    const lines: string[] = [];
    const rounds = await runChaos({
      seed: 5,
      engine: "sandbox",
      lanes: ["together", "apart"],
      kills: 10,
      complete: false,
      seconds: 22,
      say: (line) => void lines.push(line),
    });
    const broken = rounds.flatMap((round, index) => complaints(round, `round ${index}`));
    expect({ broken, said: broken.length > 0 ? lines : [] }).toEqual({ broken: [], said: [] });
    expect(rounds.reduce((sum, round) => sum + killsIn(round), 0)).toBeGreaterThan(1);
  }, 150_000);
});
