import { openApiDocument } from "../../../service/http/open-api.ts";
import { answerExamples, operationExample, problemExample, requestExamples } from "../../../service/http/examples.ts";
import { operation, problemDetails } from "../../../service/domain/operation.ts";
import { routes } from "../../../service/http/routes.ts";

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value);
const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

const document: unknown = JSON.parse(JSON.stringify(openApiDocument(routes)));
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((found, key) => (isNode(found) ? found[key] : undefined), value);

const schemas = at(document, "components", "schemas");

/** A field is described where it stands, or by the schema that it names. */
const isDescribed = (field: Node): boolean =>
  typeof field["description"] === "string" ||
  "const" in field ||
  (typeof field["$ref"] === "string" &&
    typeof at(schemas, field["$ref"].split("/").at(-1) ?? "", "description") === "string") ||
  ["anyOf", "oneOf", "allOf"].some((key) => nodesIn(field[key]).some(isDescribed));

/** Places of fields without a description. */
const undescribed = (schema: unknown, path: string): string[] => {
  if (!isNode(schema)) return [];
  const fields = Object.entries(isNode(schema["properties"]) ? schema["properties"] : {});
  return [
    ...fields.filter(([, field]) => isNode(field) && !isDescribed(field)).map(([name]) => `${path}.${name}`),
    ...fields.flatMap(([name, field]) => undescribed(field, `${path}.${name}`)),
    ...["anyOf", "oneOf", "allOf"].flatMap((key) => nodesIn(schema[key]).flatMap((each) => undescribed(each, path))),
    ...undescribed(schema["items"], `${path}[]`),
    ...undescribed(schema["additionalProperties"], `${path}{}`),
  ];
};

const operations = Object.entries(isNode(at(document, "paths")) ? (at(document, "paths") as Node) : {}).flatMap(
  ([path, methods]) =>
    Object.entries(isNode(methods) ? methods : {}).map(([method, of]) => ({ name: `${method} ${path}`, of })),
);

describe("the description of the API", () => {
  it("describes every field that is sent and answered", () => {
    const named = Object.entries(isNode(schemas) ? schemas : {}).flatMap(([name, schema]) => undescribed(schema, name));
    const inline = operations.flatMap(({ name, of }) => [
      ...undescribed(at(of, "requestBody", "content", "application/json", "schema"), `${name} body`),
      ...undescribed(at(of, "responses", "200", "content", "application/json", "schema"), `${name} 200`),
    ]);
    expect([...named, ...inline]).toEqual([]);
    expect(operations.length).toBeGreaterThan(20);
  });

  it("describes every parameter", () => {
    const parameters = operations.flatMap(({ name, of }) =>
      nodesIn(at(of, "parameters")).map((parameter) => ({ name: `${name} ${String(parameter["name"])}`, parameter })),
    );
    const bare = parameters.filter(
      ({ parameter }) =>
        typeof parameter["description"] !== "string" && typeof at(parameter, "schema", "description") !== "string",
    );
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it.each(routes.filter(({ takesBody }) => takesBody !== "no"))("shows a valid body of $operationId", (route) => {
    const examples = Object.values(requestExamples[route.operationId] ?? {});
    expect(examples).not.toEqual([]);
    for (const { value } of examples) expect(route.body.safeParse(value).error?.issues).toBeUndefined();
  });

  it.each(
    routes.flatMap(({ operationId, answers }) =>
      Object.entries(answers).flatMap(([status, { schema }]) =>
        schema === undefined ? [] : [{ operationId, status, schema }],
      ),
    ),
  )("shows a true answer $status of $operationId", ({ operationId, schema }) => {
    const example = schema === operation ? operationExample : answerExamples[operationId];
    expect(example).toBeDefined();
    expect(schema.safeParse(example).error?.issues).toBeUndefined();
  });

  it("shows a problem as it is answered", () => {
    expect(problemDetails.strict().safeParse(problemExample).error?.issues).toBeUndefined();
  });
});
