import type { ResourceProvider } from "../../../../service/cloud/provider.ts";
import { boundedProvider } from "../../../../service/engine/sandbox/bounded-provider.ts";

const scope = { account: "111122223333", region: "us-east-1" };
const unused = (): never => {
  throw new Error("not a part of this test");
};

/** A provider whose creates end when they are told to, and that knows how many are under way. */
const heldProvider = () => {
  const ends: (() => void)[] = [];
  const started: string[] = [];
  const provider: ResourceProvider = {
    check: () => [],
    diff: () => ({ changes: [] }),
    findCreated: unused,
    create: (_type, name) => {
      started.push(name);
      return new Promise((resolve, reject) =>
        ends.push(() => (name === "refused" ? reject(new Error("refused")) : resolve({ id: name, outputs: {} }))),
      );
    },
    read: unused,
    update: unused,
    delete: unused,
    invoke: unused,
  };
  return { provider, started, endNext: () => ends.shift()?.() };
};

describe("a provider that works on so many resources at once", () => {
  it("has the others wait in the order in which they came, and goes on after one that fails", async () => {
    const { provider, started, endNext } = heldProvider();
    const bounded = boundedProvider(provider, 2);
    const creates = ["one", "refused", "three", "four"].map((name) =>
      bounded.create("type", name, {}, scope).then(
        ({ id }) => id,
        () => "failed",
      ),
    );
    await Promise.resolve();
    expect(started).toEqual(["one", "refused"]);
    endNext();
    await creates[0];
    expect(started).toEqual(["one", "refused", "three"]);
    endNext();
    await creates[1];
    expect(started).toEqual(["one", "refused", "three", "four"]);
    endNext();
    endNext();
    expect(await Promise.all(creates)).toEqual(["one", "failed", "three", "four"]);
  });

  it("is the provider itself where nothing bounds it", () => {
    const { provider } = heldProvider();
    expect(boundedProvider(provider, null)).toBe(provider);
  });
});
