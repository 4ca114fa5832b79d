/**
 * Quick Setup's configurations, on Cloud Control: Quick Setup's own API has no client here. Cloud Control lists what there is of any
 * type, whoever made it ("Discovering resources", Cloud Control API User Guide), and reads one at a time.
 */
import { GetResourceCommand, paginateListResources } from "@aws-sdk/client-cloudcontrol";
import { z } from "zod";
import { CloudReadError } from "../read-error.ts";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import type { UnnamedCreate } from "./find-unnamed.ts";
import { inChunks } from "./in-chunks.ts";
import { resourceNotFound } from "./failures.ts";

const typeName = "AWS::SSMQuickSetup::ConfigurationManager";
const readAtOnce = 4;

/** What is needed of a configuration manager. `CreatedAt` is RFC 3339; both may be left out, as the schema of the type has it. */
const properties = z.object({ Name: z.string().optional(), CreatedAt: z.string().optional() });

const read = (text: string, scope: Scope): z.infer<typeof properties> => {
  try {
    return properties.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    const message = `It describes a ${typeName} in a way that is not known here.`;
    const asked = { action: "cloudformation:GetResource", scope, role: null };
    throw new CloudReadError("aws_failed", asked, { code: "UnreadableAnswer", message });
  }
};

interface QuickSetup {
  arn: string;
  /** `null` where AWS does not tell. */
  createdAt: Date | null;
}

/** Those of that name, oldest first. AWS does not keep the name unique. @throws CloudReadError */
export async function findQuickSetupsOnAws(clients: AwsClients, scope: Scope, name: string): Promise<QuickSetup[]> {
  const client = clients.cloudcontrol(scope);
  const listed = await clients.ask({ action: "cloudformation:ListResources", scope }, async () => {
    const arns: string[] = [];
    for await (const { ResourceDescriptions = [] } of paginateListResources({ client }, { TypeName: typeName }))
      arns.push(...ResourceDescriptions.flatMap(({ Identifier }) => (Identifier === undefined ? [] : [Identifier])));
    return arns;
  });
  const found = await inChunks(listed ?? [], readAtOnce, async (arn): Promise<QuickSetup[]> => {
    const answer = await clients.ask({ action: "cloudformation:GetResource", scope, none: resourceNotFound }, () =>
      client.send(new GetResourceCommand({ TypeName: typeName, Identifier: arn })),
    );
    const described = answer?.ResourceDescription?.Properties;
    if (described === undefined) return [];
    const { Name, CreatedAt } = read(described, scope);
    return Name === name ? [{ arn, createdAt: CreatedAt === undefined ? null : new Date(CreatedAt) }] : [];
  });
  const timeOf = ({ createdAt }: QuickSetup): number => createdAt?.getTime() ?? 0;
  return found.flat().sort((one, other) => timeOf(one) - timeOf(other));
}

/** ARNs of those of that name that a create since then may have made: what AWS does not date counts. @throws CloudReadError */
export async function findCreatedQuickSetups(
  clients: AwsClients,
  { scope, since, text }: UnnamedCreate,
): Promise<string[]> {
  const found = await findQuickSetupsOnAws(clients, scope, text("name"));
  return found.filter(({ createdAt }) => createdAt === null || createdAt >= since).map(({ arn }) => arn);
}
