import { keptInOrder } from "../../../../service/engine/automation/kept-in-order.ts";

/** A database that is away when it is said to be. */
const database = () => {
  const state = { away: false, kept: [] as string[] };
  const keep = (item: string): Promise<void> => {
    if (state.away) return Promise.reject(new Error("away"));
    state.kept.push(item);
    return Promise.resolve();
  };
  return { state, records: keptInOrder(keep) };
};

describe("what is kept in order", () => {
  it("is all that was told, one after the other", async () => {
    const { state, records } = database();
    for (const item of ["a", "b", "c"]) records.add(item);
    await records.settled();
    expect(state.kept).toEqual(["a", "b", "c"]);
  });

  it("is also what came after an outage, and what came during it", async () => {
    const { state, records } = database();
    records.add("a");
    await records.settled();
    state.away = true;
    for (const item of ["b", "c"]) records.add(item);
    await expect(records.settled()).rejects.toThrow("away");
    state.away = false;
    records.add("d");
    await records.settled();
    expect(state.kept).toEqual(["a", "b", "c", "d"]);
  });

  it("is not tried once for each that came during an outage", async () => {
    const answers: PromiseWithResolvers<null>[] = [];
    const records = keptInOrder(() => {
      const answer = Promise.withResolvers<null>();
      answers.push(answer);
      return answer.promise;
    });
    for (const item of ["a", "b", "c"]) records.add(item);
    const settled = records.settled();
    answers[0]!.reject(new Error("away"));
    while (answers.length < 2) await Promise.resolve();
    answers[1]!.reject(new Error("still away"));
    await expect(settled).rejects.toThrow("still away");
    expect(answers).toHaveLength(2);
  });

  it("is not all while the database is away at the end, and that is told", async () => {
    const { state, records } = database();
    state.away = true;
    records.add("a");
    await expect(records.settled()).rejects.toThrow("away");
    expect(state.kept).toEqual([]);
  });
});
