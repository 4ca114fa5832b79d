import fc from "../../support/properties.ts";
import { isPastRetention, removableOperations, type HistoryEntry } from "../../../service/domain/retention.ts";

const before = new Date("2026-01-01T00:00:00Z");
const long = new Date("2025-01-01T00:00:00Z");
const lately = new Date("2026-06-01T00:00:00Z");

const entry = (id: string, changes: Partial<HistoryEntry> = {}): HistoryEntry => ({
  id,
  kind: "preview",
  status: "succeeded",
  finishedAt: long,
  continues: null,
  continuedBy: null,
  supersededBy: null,
  ...changes,
});
const removed = (history: HistoryEntry[]): string[] =>
  removableOperations(history, (operation) => isPastRetention(operation, before));

describe("which operations may be removed", () => {
  it.each<[string, HistoryEntry[], string[]]>([
    ["old ones, but the newest of the stack", [entry("1"), entry("2"), entry("3")], ["1", "2"]],
    ["not what ended lately", [entry("1", { finishedAt: lately }), entry("2")], []],
    ["not what is under way", [entry("1", { status: "running", finishedAt: null }), entry("2")], []],
    ["not what needed recovery", [entry("1", { status: "needs_recovery" }), entry("2")], []],
    [
      "a preview and its up together",
      [entry("p", { continuedBy: "u" }), entry("u", { continues: "p" }), entry("3")],
      ["p", "u"],
    ],
    [
      "not the preview of an up that stays",
      [entry("p", { continuedBy: "u" }), entry("u", { continues: "p", finishedAt: lately }), entry("3")],
      [],
    ],
    ["not the preview of the newest up", [entry("p", { continuedBy: "u" }), entry("u", { continues: "p" })], []],
    [
      "not what took the place of a preview that stays",
      [entry("p", { supersededBy: "q", finishedAt: lately }), entry("q", { status: "canceled" }), entry("3")],
      [],
    ],
    ["a preview whose successor stays", [entry("p", { supersededBy: "q" }), entry("q", { finishedAt: lately })], ["p"]],
    [
      "not what is in force, nor its preview: the newest up that succeeded, whatever came after it",
      [
        entry("p", { continuedBy: "u" }),
        entry("u", { kind: "up", continues: "p" }),
        entry("q", { continuedBy: "v" }),
        entry("v", { kind: "up", continues: "q" }),
        entry("w", { kind: "up", status: "failed" }),
        entry("d", { kind: "drift_check" }),
        entry("e", { kind: "drift_check" }),
      ],
      ["p", "u", "w", "d"],
    ],
    [
      "the last up of what was destroyed since",
      [entry("u", { kind: "up" }), entry("d", { kind: "destroy" }), entry("q")],
      ["u"],
    ],
    ["nothing of an empty history", [], []],
  ])("%s", (_case, history, expected) => {
    expect(removed(history)).toEqual(expected);
  });

  it("leaves nothing that names what is gone, and takes all that nobody names", () => {
    const name = fc.option(fc.nat({ max: 11 }).map(String), { nil: null });
    const histories = fc.array(
      fc.record({
        old: fc.boolean(),
        kind: fc.constantFrom("preview", "up", "destroy", "refresh"),
        status: fc.constantFrom("succeeded", "failed", "canceled", "needs_recovery"),
        continues: name,
        continuedBy: name,
        supersededBy: name,
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(histories, (drawn) => {
        const history = drawn.map(({ old, ...rest }, index) =>
          entry(String(index), { ...rest, finishedAt: old ? long : lately }),
        );
        const gone = new Set(removed(history));
        const left = history.filter(({ id }) => !gone.has(id));
        const named = new Set(left.flatMap((one) => [one.continues, one.continuedBy, one.supersededBy]));
        for (const id of gone) expect(named.has(id)).toBe(false);
        const inForce = history.findLast(({ kind, status }) => status === "succeeded" && /^(up|destroy)$/.test(kind));
        const shown = [history.at(-1)?.id, inForce?.id];
        for (const one of left)
          expect(shown.includes(one.id) || named.has(one.id) || !isPastRetention(one, before)).toBe(true);
      }),
    );
  });
});
