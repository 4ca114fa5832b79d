/**
 * Looks for the Quick Setup configuration that a create made. Quick Setup's own API has no client here; Cloud Control lists what there
 * is of any type, whoever made it ("Discovering resources", Cloud Control API User Guide), and reads one at a time.
 */
import { GetResourceCommand, paginateListResources } from "@aws-sdk/client-cloudcontrol";
import { z } from "zod";
import { AwsError } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import type { UnnamedCreate } from "./find-unnamed.ts";
import { inChunks } from "./in-chunks.ts";

const typeName = "AWS::SSMQuickSetup::ConfigurationManager";
const readAtOnce = 4;

/** What is needed of a configuration manager. `CreatedAt` is RFC 3339; both may be left out, as the schema of the type has it. */
const properties = z.object({ Name: z.string().optional(), CreatedAt: z.string().optional() });

const read = (text: string): z.infer<typeof properties> => {
  try {
    return properties.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new AwsError("UnreadableAnswer", `Cloud Control describes a ${typeName} in a way that is not known here.`);
  }
};

/**
 * ARNs of the configurations of that name that were made since, oldest first. The name is the region's own; AWS does not keep it
 * unique.
 *
 * @throws CloudReadError; AwsError `UnreadableAnswer`
 */
export async function findCreatedQuickSetups(
  clients: AwsClients,
  { scope, since, text }: UnnamedCreate,
): Promise<string[]> {
  const name = text("name");
  const client = clients.cloudcontrol(scope);
  const listed = await clients.ask({ action: "cloudformation:ListResources", scope }, async () => {
    const arns: string[] = [];
    for await (const { ResourceDescriptions = [] } of paginateListResources({ client }, { TypeName: typeName }))
      arns.push(...ResourceDescriptions.flatMap(({ Identifier }) => (Identifier === undefined ? [] : [Identifier])));
    return arns;
  });
  const found = await inChunks(listed ?? [], readAtOnce, async (arn) => {
    const answer = await clients.ask(
      { action: "cloudformation:GetResource", scope, none: ["ResourceNotFoundException"] },
      () => client.send(new GetResourceCommand({ TypeName: typeName, Identifier: arn })),
    );
    const described = answer?.ResourceDescription?.Properties;
    return described === undefined ? null : { arn, ...read(described) };
  });
  const timeOf = (at: string | undefined): number => (at === undefined ? Number.NaN : new Date(at).getTime());
  return (
    found
      .filter((one) => one !== null)
      // What AWS does not date counts: better in doubt than made twice.
      .filter(({ Name, CreatedAt }) => Name === name && !(timeOf(CreatedAt) < since.getTime()))
      .sort((one, other) => (timeOf(one.CreatedAt) || 0) - (timeOf(other.CreatedAt) || 0))
      .map(({ arn }) => arn)
  );
}
