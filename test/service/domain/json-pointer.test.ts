import { jsonPointer } from "../../../service/domain/json-pointer.ts";

describe("a JSON Pointer", () => {
  it.each([
    ["the whole document", [], ""],
    ["fields and items", ["targets", 0, "region"], "/targets/0/region"],
    ["slashes and tildes", ["a/b", "m~n", "~1"], "/a~1b/m~0n/~01"],
    ["an empty key", [""], "/"],
  ])("escapes %s", (_, path, pointer) => {
    expect(jsonPointer(path)).toBe(pointer);
  });

  it("cuts long keys, also between the halves of an emoji", () => {
    expect(jsonPointer(["x".repeat(1_000)])).toBe(`/${"x".repeat(128)}…`);
    expect(jsonPointer([`${"x".repeat(127)}😀😀`]).isWellFormed()).toBe(true);
  });
});
