import fc from "../../support/properties.ts";
import { stringify } from "yaml";
import { parseRequestBody } from "../../../service/http/request-body.ts";

const parse = (contentType: string, text: string) => parseRequestBody(contentType, Buffer.from(text));
const json = (text: string) => parse("application/json", text);
const yaml = (text: string) => parse("application/yaml", text);

const valueOf = (body: ReturnType<typeof parse>): unknown => (body.ok ? body.value : body.detail);

describe("a content type", () => {
  it.each([
    "application/json",
    "Application/JSON; charset=UTF-8",
    'application/json;charset="utf-8"',
    "application/vnd.gatehouse+json",
  ])("%s is JSON", (contentType) => {
    expect(parse(contentType, '{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
  });

  it.each(["application/yaml", "application/x-yaml", "text/yaml; charset=utf-8"])("%s is YAML", (contentType) => {
    expect(parse(contentType, "a: 1")).toEqual({ ok: true, value: { a: 1 } });
  });

  it.each([undefined, "", "text/plain", "application/xml", "application/jsonp", "application/json; charset=utf-16"])(
    "%p is not served, and the answer says what is",
    (contentType) => {
      expect(parseRequestBody(contentType, Buffer.from("{}"))).toMatchObject({
        ok: false,
        code: "unsupported_media_type",
        detail: expect.stringContaining("application/json or application/yaml"),
      });
    },
  );
});

describe("bytes", () => {
  it("that are no UTF-8 are refused", () => {
    expect(parseRequestBody("application/json", Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "", message: "must be valid UTF-8" }],
    });
  });

  it("may start with a byte order mark", () => {
    expect(parseRequestBody("application/yaml", Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x3a, 0x20, 0x31]))).toEqual({
      ok: true,
      value: { a: 1 },
    });
  });

  it("must be there", () => {
    expect(json("")).toMatchObject({ code: "invalid_request", detail: expect.stringContaining("empty") });
  });
});

describe("JSON", () => {
  it("is read as JSON.parse reads it, when no key stands twice", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(json(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it("is refused wherever JSON.parse refuses it, and nowhere else", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"b"',
      "1",
      "-0.5e3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
      '"\\x"',
      "'",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const body = json(text);
        const readable = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        const twice = !body.ok && body.detail.includes("the same key stands twice");
        expect(body.ok || twice).toBe(readable || twice);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["a key twice", '{"a":1,\n "a":2}', "line 2, column 2: the same key stands twice in one object"],
    ["a key twice, once escaped", '{"a":1,"\\u0061":2}', "line 1, column 8: the same key stands twice in one object"],
    ["a comma too many", '{"a":[1,2,]}', "line 1, column 11: a value should stand here"],
    ["an end too early", '{"a":', "line 1, column 6: the text ends where a value should follow"],
    ["something after the end", "{} x", "line 1, column 4: the end of the text should stand here"],
    ["an open string", '{"a": "b', "line 1, column 7: this string is not closed"],
    [
      "a raw control character",
      '"a\tb"',
      "line 1, column 1: this string is not closed, or holds a line end or control character",
    ],
    ["nesting without end", "[".repeat(200_000), "line 1, column 33: nested deeper than 32 levels"],
    ["only spaces", "  ", "line 1, column 3: the text ends where a value should follow"],
  ])("with %s is refused with its place", (_, text, message) => {
    expect(json(text)).toMatchObject({ ok: false, code: "invalid_request", detail: expect.stringContaining(message) });
  });

  it("keeps __proto__ as a key of its own, for the schema to refuse", () => {
    const value = valueOf(json('{"__proto__":{"polluted":1}}'));
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect("polluted" in {}).toBe(false);
  });

  it("of a quarter megabyte is read or refused at once", () => {
    const started = performance.now();
    json(`"${"a\\n".repeat(80_000)}`);
    json(`{${Array.from({ length: 20_000 }, (_, index) => `"k${String(index)}":1`).join(",")}}`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("YAML", () => {
  it("says what JSON says", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = stringify(value, { aliasDuplicateObjects: false });
        // As text: JSON knows no minus zero, which YAML keeps.
        expect(JSON.stringify(valueOf(yaml(text)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it("is YAML 1.2: yes and no are words", () => {
    expect(valueOf(yaml("a: yes\nb: no\nc: true"))).toEqual({ a: "yes", b: "no", c: true });
  });

  it.each([
    ["an anchor", "a: &x 1", "aliases and anchors are not taken"],
    ["an alias", "a: &x [1]\nb: *x", "aliases and anchors are not taken"],
    ["an alias to nothing", "a: *x", "aliases and anchors are not taken"],
    ["an anchor on a key", "&x a: 1", "aliases and anchors are not taken"],
    ["a tag", "a: !!str 1", "tags are not taken"],
    ["a tag of its own", "a: !secret b", "tags are not taken"],
    ["a tag directive's tag", "%TAG ! tag:x,2000:\n---\na: !b c", "tags are not taken"],
    ["a merge key", "a:\n  <<: {b: 1}", "line 2, column 3: merge keys are not taken"],
    ["a key twice", "a: 1\nb: 2\na: 3", "line 3, column 1: the same key stands twice in one object"],
    ["a key twice in braces", "{a: 1, 'a': 2}", "line 1, column 8: the same key stands twice"],
    ["two documents", "a: 1\n---\nb: 2", "only one document is taken"],
    ["a document after the end", "a: 1\n...\nb: 2", "only one document is taken"],
    ["YAML 1.1", "%YAML 1.1\n---\na: yes", "only YAML 1.2 is taken"],
    ["a number as a key", "1: a", "a key must be text"],
    ["a list as a key", "? [a]\n: b", "a key must be text"],
    ["no key", ": a", "a key must be text"],
    ["a number that is none", "a: .nan", "a number must be finite"],
    ["an open bracket", "a: [1, 2", "line 1, column 9"],
    ["a tab as indentation", "a:\n\t- b", "line 2, column 1: tabs cannot indent"],
    ["two colons", "a: b: c", "a colon too many"],
    ["an open quote", 'a: "b', "a character is missing"],
    ["only a comment", "# nothing", "the text holds no document"],
    ["nesting without end", "[".repeat(10_000), "nested too deeply"],
    ["33 levels", `${"[".repeat(33)}${"]".repeat(33)}`, "nested too deeply"],
  ])("with %s is refused with its place", (_, text, message) => {
    const body = yaml(text);
    expect(body).toMatchObject({ ok: false, code: "invalid_request", errors: [{ pointer: "" }] });
    expect(valueOf(body)).toEqual(expect.stringMatching(/line \d+, column \d+: /));
    expect(valueOf(body)).toEqual(expect.stringContaining(message));
  });

  it("that grows when it is read is refused unread", () => {
    const bomb = [
      "a: &a [x, x]",
      ...Array.from({ length: 20 }, (_, index) => `${"b".repeat(index + 1)}: [*a, *a, *a]`),
    ];
    expect(yaml(bomb.join("\n")).ok).toBe(false);
  });

  it("never has its text repeated in the answer", () => {
    expect(JSON.stringify(yaml('password: "hunter2\nx: [hunter2'))).not.toContain("hunter2");
    expect(JSON.stringify(json('{"password": "hunter2" hunter2'))).not.toContain("hunter2");
  });
});
