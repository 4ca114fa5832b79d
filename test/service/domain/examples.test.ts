import { readFile, readdir } from "node:fs/promises";
import { environmentDocument, environmentRequest } from "../../../service/domain/environment-document.ts";
import { foundationRequest } from "../../../service/domain/foundation-document.ts";
import { parseDocument } from "../../../service/domain/parse.ts";
import { parseRequestBody } from "../../../service/http/request-body.ts";

const folder = new URL("../../../examples/", import.meta.url);
const files = (await readdir(folder)).filter((file) => !file.endsWith(".md"));

const read = async (file: string): Promise<unknown> => {
  const contentType = file.endsWith(".json") ? "application/json" : "application/yaml";
  const body = parseRequestBody(contentType, await readFile(new URL(file, folder)));
  expect(body).toMatchObject({ ok: true });
  return body.ok ? body.value : null;
};

describe("the examples", () => {
  it.each(files)("%s is accepted as it is", async (file) => {
    const schema = file.startsWith("foundation") ? foundationRequest : environmentRequest;
    expect(parseDocument(schema, await read(file))).toMatchObject({ ok: true });
  });

  it("of the quickstart are what the guide does by hand, and are previews until somebody applies them", async () => {
    expect(foundationRequest.parse(await read("foundation.yaml"))).toMatchObject({
      action: "preview",
      foundation: {
        account: "111122223333",
        region: "ap-southeast-1",
        activationTier: "advanced",
        acknowledgeCharges: true,
      },
    });
    expect(environmentRequest.parse(await read("production.json"))).toMatchObject({
      action: "preview",
      environment: {
        group: { name: "ProductionAccess", members: [{ userName: "testuser01" }] },
        permissionSet: { name: "ProductionPermissionSet" },
        onPremises: { tier: "advanced" },
      },
    });
    expect(environmentRequest.parse(await read("development.yaml"))).toMatchObject({
      action: "preview",
      environment: {
        tag: { key: "project", value: "Development" },
        group: { name: "DevelopmentAccess", members: [{ userName: "testuser02" }] },
        permissionSet: {
          name: "DevelopmentPermissionSet",
          description:
            "Permission set to access Session Manager limited to all instances with project tag = Development",
          tags: { Name: "DevelopmentAccess" },
        },
      },
    });
  });

  it("say in full what the defaults give", async () => {
    const { environment } = environmentRequest.parse(await read("production.json"));
    const { name, tag, team, description, group, targets, onPremises } = environment;
    expect(
      environmentDocument.parse({
        name,
        tag,
        team,
        description,
        group: { members: group.members },
        targets,
        onPremises,
      }),
    ).toEqual(environment);
  });
});
