import { afterCheck, afterRefresh, afterUp, type StackDrift } from "../../../service/domain/drift.ts";

const step = (name: string, op: "update" | "delete", ...paths: string[]) => ({
  op,
  urn: `urn:${name}`,
  type: "aws:sns/topic:Topic",
  name,
  diff: paths.map((path) => ({ path })),
});
const at = new Date("2026-11-22T12:00:00Z");
const look = (...drift: ReturnType<typeof step>[]) => ({ operation: "operation-1", at, drift });
const told = (drift: StackDrift | null): string[] | null =>
  drift?.resources.map(
    ({ name, what, properties, recorded }) =>
      `${name} ${what}${properties.map((path) => ` ${path}`).join("")}${recorded ? " (recorded)" : ""}`,
  ) ?? null;

describe("what is known of a stack's drift", () => {
  it("is what the last check found, and when", () => {
    const checked = afterCheck(null, look(step("a", "update", "tags.x"), step("b", "delete")));
    expect(checked).toMatchObject({ checkedAt: "2026-11-22T12:00:00.000Z", operation: "operation-1" });
    expect(told(checked)).toEqual(["a changed tags.x", "b gone"]);
    expect(told(afterCheck(checked, look(step("c", "delete"))))).toEqual(["c gone"]);
    expect(told(afterCheck(checked, look()))).toEqual([]);
  });

  it("keeps what a refresh took over: no check finds that again", () => {
    const refreshed = afterRefresh(null, look(step("a", "update", "x")));
    expect(told(refreshed)).toEqual(["a changed x (recorded)"]);
    expect(told(afterCheck(refreshed, look()))).toEqual(["a changed x (recorded)"]);
    expect(told(afterRefresh(refreshed, look(step("b", "delete"))))).toEqual([
      "a changed x (recorded)",
      "b gone (recorded)",
    ]);
  });

  it("has one entry for a resource that drifted again after a refresh, with all that differs", () => {
    const refreshed = afterRefresh(null, look(step("a", "update", "x"), step("b", "update", "x")));
    const again = afterCheck(refreshed, look(step("a", "update", "x", "y"), step("b", "delete")));
    expect(told(again)).toEqual(["a changed x y", "b gone"]);
  });

  it("is nothing after an up that looked, and without what was recorded after one that did not", () => {
    const known = afterCheck(afterRefresh(null, look(step("a", "update", "x"))), look(step("b", "delete")));
    expect(told(afterUp(known, { operation: "up-1", at }))).toEqual([]);
    expect(told(afterUp(known, null))).toEqual(["b gone"]);
    expect(afterUp(null, null)).toBeNull();
    expect(afterUp(null, { operation: "up-1", at })).toMatchObject({ operation: "up-1", resources: [] });
  });
});
