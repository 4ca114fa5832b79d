import { readFile } from "node:fs/promises";
import { z } from "zod";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { foundationRequest } from "../../../service/domain/foundation-document.ts";

const page = await readFile(new URL("../../../docs/request-document.md", import.meta.url), "utf8");

interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** `group.members[].userName`, for every field of a schema. */
const fieldsOf = (schema: JsonSchema, definitions: Record<string, JsonSchema>, path = ""): string[] => {
  const target = schema.$ref === undefined ? schema : (definitions[schema.$ref.replace("#/$defs/", "")] ?? {});
  return [
    ...Object.entries(target.properties ?? {}).flatMap(([name, inner]) => {
      const field = path === "" ? name : `${path}.${name}`;
      return [field, ...fieldsOf(inner, definitions, field)];
    }),
    ...(target.items === undefined ? [] : fieldsOf(target.items, definitions, `${path}[]`)),
    ...(target.anyOf ?? []).flatMap((inner) => fieldsOf(inner, definitions, path)),
  ];
};

describe("docs/request-document.md", () => {
  it.each([
    ["environment", environmentRequest],
    ["foundation", foundationRequest],
  ])("names every field of a request for an %s", (document, schema) => {
    const jsonSchema = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
    const fields = fieldsOf(jsonSchema, jsonSchema.$defs ?? {});
    const section = page.split(/^## /m).find((text) => text.startsWith(`\`${document}\``)) ?? "";
    const missing = fields
      .filter((field) => field !== document)
      .filter((field) =>
        field.startsWith(`${document}.`)
          ? !section.includes(`\`${field.slice(document.length + 1)}\``)
          : !page.includes(`| \`${field}\` `),
      );
    expect(fields.length).toBeGreaterThan(15);
    expect(missing).toEqual([]);
  });
});
