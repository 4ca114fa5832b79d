import fc from "../../support/properties.ts";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { mostErrors, parseDocument } from "../../../service/domain/parse.ts";
import { fromJson } from "../../support/bad-documents.ts";
import { environmentInputOf, testTarget } from "../../support/documents.ts";

describe("the errors of a document", () => {
  it("come all at once, those of single fields with those between fields", () => {
    const result = parseDocument(environmentRequest, {
      action: "apply",
      environment: {
        ...environmentInputOf({ sessionDocuments: ["shell", "shell"] }),
        name: "NO",
        colour: 1,
        targets: [testTarget, testTarget, { account: "1", region: "x" }],
      },
    });
    expect(result.ok ? [] : result.errors.map(({ pointer }) => pointer).sort()).toEqual([
      "/action",
      "/environment/colour",
      "/environment/name",
      "/environment/sessionDocuments/1",
      "/environment/targets/1",
      "/environment/targets/2/account",
      "/environment/targets/2/region",
    ]);
  });

  it.each([
    ["null", null],
    ["a list", []],
    ["a text", "production"],
    ["a number", 1],
  ])("of %s instead of a document say what is wanted", (_, value) => {
    expect(parseDocument(environmentRequest, value)).toEqual({
      ok: false,
      errors: [{ pointer: "", message: "must be an object with the fields action, refresh, onBehalfOf, environment" }],
    });
  });

  it("are at most a hundred", () => {
    const colours = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${String(index)}`, 1]));
    const result = parseDocument(environmentRequest, { environment: colours });
    expect(result.ok ? 0 : result.errors.length).toBe(mostErrors);
  });

  it("repeat neither values nor endless keys", () => {
    const secret = "hunter2-".repeat(100);
    const result = parseDocument(environmentRequest, {
      onBehalfOf: `${secret}\u0000`,
      environment: {
        ...environmentInputOf(),
        name: secret,
        team: { secret },
        adopt: [secret],
        [`x${"y".repeat(10_000)}`]: secret,
      },
    });
    const answer = JSON.stringify(result);
    expect(answer).not.toContain("hunter2");
    expect(answer.length).toBeLessThan(3_000);
  });

  it("are errors, never exceptions, for anything that JSON can say", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("targets", "group", "extraStatements", "permissionSet", "onPremises", "adopt", "tag"),
        (value, field) => {
          const result = parseDocument(environmentRequest, {
            environment: { ...environmentInputOf(), [field]: value },
          });
          expect(result.ok || result.errors.every(({ pointer }) => pointer.startsWith(`/environment`))).toBe(true);
        },
      ),
    );
  });

  it("leave Object.prototype alone", () => {
    parseDocument(
      environmentRequest,
      fromJson(
        '{ "__proto__": { "polluted": 1 }, "environment": { "constructor": { "prototype": { "polluted": 1 } } } }',
      ),
    );
    expect("polluted" in {}).toBe(false);
  });
});
