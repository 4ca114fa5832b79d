import type { RunResult } from "../../../service/engine/engine.ts";
import { noChanges } from "../../../service/engine/engine.ts";
import { storableResult, storableText } from "../../../service/usecases/operations/storable.ts";
import { createTestDatabase } from "../../support/database.ts";
import fc from "../../support/properties.ts";

const odd = "a\0b\uD800c";
const kept = "ab\uFFFDc";

const result: RunResult = {
  outcome: "failed",
  steps: [
    {
      op: "update",
      urn: "urn:1",
      type: "aws:ssm/document:Document",
      name: "document",
      diff: [{ path: "content", from: { [odd]: [odd, 1, null] }, to: odd }],
    },
  ],
  changes: noChanges(),
  planDigest: null,
  drift: [],
  outputs: { text: odd },
  diagnostics: [{ urn: null, severity: "error", message: odd }],
  resources: [],
  pending: [],
  problem: { code: "resource_failed", detail: odd, urn: null },
};

describe("a result with bytes that PostgreSQL does not keep", () => {
  it("is kept without them", () => {
    expect(storableResult(result)).toEqual({
      ...result,
      steps: [{ ...result.steps[0], diff: [{ path: "content", from: { [kept]: [kept, 1, null] }, to: kept }] }],
      outputs: { text: kept },
      diagnostics: [{ urn: null, severity: "error", message: kept }],
      problem: { code: "resource_failed", detail: kept, urn: null },
    });
  });

  it("is taken by a jsonb column, whatever its text", async () => {
    const database = await createTestDatabase();
    try {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: "binary" }), fc.string(), async (text, other) => {
          const storable = storableText(`${text}\0${other}`);
          const { rows } = await database.pool.query<{ text: string }>("SELECT $1::jsonb ->> 'text' AS text", [
            JSON.stringify({ text: storable }),
          ]);
          expect(rows[0]?.text).toBe(storable);
        }),
        { numRuns: 50 },
      );
    } finally {
      await database.drop();
    }
  });
});
