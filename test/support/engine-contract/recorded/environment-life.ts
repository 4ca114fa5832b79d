/** The environment program from its first up to its end, with what requests and people change in between. */
import { addResource, editResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import type { EnvironmentArguments } from "../../../../stacks/arguments.ts";
import { account, member, production, region, target } from "../../../stacks/environment/production.ts";
import { sessionLogGroupName } from "../../../../stacks/names.ts";
import { roleInputs, roleType } from "../../engine.ts";
import type { Life, RunAct } from "./life.ts";
import { plain } from "./product-arguments.ts";

const environment = (changes: Partial<EnvironmentArguments>): Pick<RunAct, "program" | "arguments"> => ({
  program: "environment",
  arguments: plain(production(changes)),
});
const nodeRole = "AmazonSSMRoleForInstancesQuickSetup";
const here = { account, region };
const elsewhere = { account: "222233334444", region: "eu-central-1" };
const first = production();
const described = { ...first.permissionSet, description: "Sessions on production servers, reviewed" };
const leaving = member("testuser02", { retain: false });
const grown: Partial<EnvironmentArguments> = {
  permissionSet: described,
  members: [...first.members, leaving],
  targets: [target(), target(elsewhere)],
};
const renamed: Partial<EnvironmentArguments> = {
  permissionSet: { ...described, name: "ProductionSessions" },
  tag: { key: "project", value: "Live" },
};
const logGroupName = sessionLogGroupName("production");

export const environmentLife: Life = {
  name: "environment-program",
  about: "The environment program",
  cast: "product",
  acts: [
    // What the foundation leaves in each account.
    {
      outside: async (simulated) => {
        for (const place of [here, elsewhere]) await addResource(simulated, roleType, roleInputs(nodeRole), place);
      },
    },
    { about: "its first up", run: "up", ...environment({}), look: true },
    { about: "the same again", run: "up", ...environment({}) },
    { about: "another description, another person, another target", run: "up", ...environment(grown) },
    { about: "another name and tag, and person and target gone", run: "up", ...environment(renamed), look: true },
    {
      outside: async (simulated) => {
        await editResource(simulated, "aws:cloudwatch/logGroup:LogGroup", logGroupName, { retentionInDays: 30 }, here);
      },
    },
    { about: "a look", run: "drift-check" },
    { about: "taken over", run: "refresh" },
    { about: "put back", run: "up", ...environment(renamed) },
    { about: "its end", run: "destroy", look: true },
  ],
  behaviours: [
    { title: "makes, changes and ends what people get in by", about: /ssoadmin/ },
    {
      title: "makes people and their memberships, and keeps or deletes those who leave as was asked",
      about: /identitystore/,
    },
    { title: "logs in each target, and retains logs and keys", about: /LogGroup|kms/ },
    { title: "replaces an activation for its tags", about: /hybrid|Activation/i },
    { title: "has documents, policies and roles", about: /ssm\/document|iam/ },
  ],
};
