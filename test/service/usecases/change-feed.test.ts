import { createChangeFeed } from "../../../service/usecases/change-feed.ts";

describe("the change feed", () => {
  const { signal } = new AbortController();

  it("wakes those who wait for the operation that changed, and nobody else", async () => {
    const feed = createChangeFeed();
    const woken: string[] = [];
    const waits = ["one", "other"].map((id) => feed.next(id, signal).then(() => woken.push(id)));
    feed.changed("one");
    await waits[0];
    expect(woken).toEqual(["one"]);
  });

  it("wakes everybody when hints may have been lost", async () => {
    const feed = createChangeFeed();
    const waits = ["one", "other"].map((id) => feed.next(id, signal));
    feed.anythingMayHaveChanged();
    await expect(Promise.all(waits)).resolves.toHaveLength(2);
  });
});
