/** Quick Setup: host management, and what AWS makes in the account because of it. */
import { isObject, type JsonObject } from "../../../domain/json.ts";
import { iamUniqueId, seconds, uuid } from "../identifiers.ts";
import { allTags, lookAt, mustBeFree, mustExist, objectAt, text } from "../resource-type.ts";
import type { Call, Condition, Effects, ResourceType, Row } from "../resource-type.ts";
import { all, tags, textOf } from "../rules.ts";
import { attachmentToken, instanceProfileToken, roleToken } from "./iam-roles.ts";

export const managerToken = "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager";
/** State Manager associations: AWS makes them, no program of ours does. */
const associationToken = "aws:ssm/association:Association";

const hostManagement = "AWSQuickSetupType-SSMHostMgmt";

/** "ConfigurationDefinitionInput" in the Quick Setup API Reference; AWS's pages write the first one both ways. */
const parameterNames = new Set([
  "UpdateSsmAgent",
  "UpdateSSMAgent",
  "UpdateEc2LaunchAgent",
  "CollectInventory",
  "ScanInstances",
  "InstallCloudWatchAgent",
  "UpdateCloudWatchAgent",
  "IsPolicyAttachAllowed",
  "TargetType",
  "TargetInstances",
  "TargetTagKey",
  "TargetTagValue",
  "ResourceGroupName",
  "TargetAccounts",
  "TargetOrganizationalUnits",
  "TargetRegions",
]);

/** The pages of the reference that list what appears: "Create AWS Systems Manager Host Management configuration". */
const nodeRole = "AmazonSSMRoleForInstancesQuickSetup";
const accountRoles = [
  { name: nodeRole, service: "ec2.amazonaws.com", path: "/" },
  { name: "AWS-QuickSetup-SSM-RoleForEnablingExplorer", service: "ssm.amazonaws.com", path: "/" },
  { name: "AWSServiceRoleForAmazonSSM", service: "ssm.amazonaws.com", path: "/aws-service-role/ssm.amazonaws.com/" },
];
const associationNames = (guid: string): string[] => [
  ...["AttachIAMToInstance", "UpdateSSMAgent", "CollectInventory", "EnableExplorer", "ScanForPatches"].map(
    (task) => `AWS-QuickSetup-SSMHostMgmt-${task}-${guid}`,
  ),
  "AWS-QuickSetup-SSM-EnableExplorer",
];

/** Names of the roles with which Quick Setup deploys, as the call gives them. */
const deploymentRoles = (inputs: JsonObject): { administration: string; execution: string } => {
  const definition = objectAt(inputs, "configurationDefinition");
  return {
    administration: text(definition, "localDeploymentAdministrationRoleArn").replace(/^.*role\//, ""),
    execution: text(definition, "localDeploymentExecutionRoleName"),
  };
};

const deploymentRole = (name: string): Condition =>
  mustExist(
    { type: roleToken, id: name },
    "ValidationException",
    `The local deployment role ${name} does not exist. Called by API, Quick Setup needs its administration and execution roles to exist first.`,
  );

const ownedByAws = (call: Call, row: Pick<Row, "type" | "id" | "outputs" | "region">): Row => ({
  account: call.account,
  inputs: row.outputs,
  state: {},
  origin: "aws",
  deletionDate: null,
  ...row,
});

const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

const roleRow = (call: Call, { name, service, path }: (typeof accountRoles)[number]): Row =>
  ownedByAws(call, {
    region: "aws-global",
    type: roleToken,
    id: name,
    outputs: {
      name,
      path,
      assumeRolePolicy: trust(service),
      description: "",
      maxSessionDuration: 3600,
      forceDetachPolicies: false,
      arn: `arn:${call.partition}:iam::${call.account}:role${path}${name}`,
      createDate: seconds(call.now),
      uniqueId: iamUniqueId("AROA", call.hex(17)),
      tagsAll: {},
    },
  });

/** The node role's policy and the profile through which instances carry it. */
const nodeRoleRows = (call: Call): Row[] => {
  const policyArn = `arn:${call.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore`;
  return [
    ownedByAws(call, {
      region: "aws-global",
      type: attachmentToken,
      id: `${nodeRole}/${policyArn}`,
      outputs: { role: nodeRole, policyArn },
    }),
    ownedByAws(call, {
      region: "aws-global",
      type: instanceProfileToken,
      id: nodeRole,
      outputs: {
        name: nodeRole,
        path: "/",
        role: nodeRole,
        arn: `arn:${call.partition}:iam::${call.account}:instance-profile/${nodeRole}`,
        createDate: seconds(call.now),
        uniqueId: iamUniqueId("AIPA", call.hex(17)),
        tagsAll: {},
      },
    }),
  ];
};

const associationRow = (call: Call, name: string): Row =>
  ownedByAws(call, {
    region: call.region,
    type: associationToken,
    id: uuid(call.hex(32)),
    outputs: { associationName: name, targets: [{ key: "InstanceIds", values: ["*"] }] },
  });

/** Roles that are there already stay as they are: they are the account's, whatever region they were made for. */
const appear = (call: Call, roles: Row[], made: Row): Effects => {
  const guid = made.id.slice(-12);
  const present = new Set(roles.map((role) => role.id));
  const missing = accountRoles.filter(({ name }) => !present.has(name));
  const regional = {
    name: `AWS-QuickSetup-HostMgmtRole-${call.region}-${guid}`,
    service: "ssm.amazonaws.com",
    path: "/",
  };
  return {
    put: [
      ...[...missing, regional].map((role) => roleRow(call, role)),
      ...(missing.some(({ name }) => name === nodeRole) ? nodeRoleRows(call) : []),
      ...associationNames(guid).map((name) => associationRow(call, name)),
    ],
  };
};

/** The region's part goes; the account's roles go with the last region, unless somebody else's policy hangs on them. */
const disappear = (call: Call, rows: Row[][]): Effects => {
  const [associations = [], roles = [], attachments = [], profiles = [], managers = []] = rows;
  const guid = (call.old?.id ?? "").slice(-12);
  const ofRegion = roles.filter((role) => role.id === `AWS-QuickSetup-HostMgmtRole-${call.region}-${guid}`);
  if (managers.some((manager) => manager.id !== call.old?.id)) return { remove: [...associations, ...ofRegion] };
  const byAws = (row: Row) => row.origin === "aws";
  const held = new Set(attachments.filter((row) => !byAws(row)).map((row) => text(row.outputs, "role")));
  const going = roles.filter(
    (role) => byAws(role) && accountRoles.some(({ name }) => name === role.id) && !held.has(role.id),
  );
  const gone = new Set(going.map((role) => role.id));
  const withRole = [...attachments, ...profiles].filter((row) => byAws(row) && gone.has(text(row.outputs, "role")));
  return { remove: [...associations, ...ofRegion, ...going, ...withRole] };
};

const definitionRule = (value: JsonObject): string | null => {
  if (value["type"] !== hostManagement)
    return `type must be ${hostManagement}: the simulated account knows no other Quick Setup`;
  const parameters = objectAt(value, "parameters");
  const strange = Object.keys(parameters).find((key) => !parameterNames.has(key));
  if (strange !== undefined) return `has the parameter ${strange}, which host management does not know`;
  if (Object.values(parameters).some((one) => typeof one !== "string")) return "must have texts as parameters";
  return text(parameters, "TargetRegions") === "" ? "must have TargetRegions among its parameters" : null;
};

export const quicksetupConfigurationManager: ResourceType = {
  token: managerToken,
  scope: "regional",
  source:
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssmquicksetup_configuration_manager",
  invalid: "ValidationException",
  properties: {
    name: {
      computed: true,
      rule: textOf(0, 120, { matches: /^[ A-Za-z0-9._-]*$/, allows: "letters, digits, spaces and . _ - only" }),
    },
    description: { computed: true, rule: textOf(0, 512) },
    configurationDefinition: {
      required: true,
      rule: all((value) => (isObject(value) ? definitionRule(value) : "must be an object")),
    },
    tags: { rule: tags(50) },
  },
  computed: {
    managerArn: "ARN of the manager",
    configurationDefinition: "with AWS's `id` and `typeVersion`",
    statusSummaries: "one, of the deployment: `SUCCEEDED`",
    tagsAll: "the tags",
  },
  named: "name",
  outputs: (call) => ({
    managerArn: `arn:${call.partition}:ssm-quicksetup:${call.region}:${call.account}:configuration-manager/${uuid(call.hex(32))}`,
    configurationDefinition: {
      typeVersion: "1.0",
      ...objectAt(call.inputs, "configurationDefinition"),
      id: call.hex(13),
    },
    description: text(call.inputs, "description"),
    statusSummaries: [{ status: "SUCCEEDED", statusMessage: "", statusType: "Deployment" }],
    ...allTags(call),
  }),
  updated: (call) => {
    const before = objectAt(call.old?.outputs ?? {}, "configurationDefinition");
    const configurationDefinition = {
      typeVersion: "1.0",
      ...objectAt(call.inputs, "configurationDefinition"),
      id: text(before, "id"),
    };
    return { configurationDefinition, ...allTags(call) };
  },
  id: (outputs) => text(outputs, "managerArn"),
  conditions: (call) => {
    if (call.verb === "delete") {
      return [
        lookAt({ type: associationToken }),
        lookAt({ type: roleToken }),
        lookAt({ type: attachmentToken }),
        lookAt({ type: instanceProfileToken }),
        lookAt({ type: managerToken, reach: "account" }),
      ];
    }
    const { administration, execution } = deploymentRoles(call.inputs);
    return [
      lookAt({ type: roleToken }),
      deploymentRole(administration),
      deploymentRole(execution),
      mustBeFree(
        { type: managerToken },
        "ConflictException",
        `A host management configuration of ${call.account} in ${call.region} exists already`,
        call.old,
      ),
    ];
  },
  effects: (call, rows, made) => {
    if (call.verb === "delete") return disappear(call, rows);
    return call.verb === "create" && made !== null ? appear(call, rows[0] ?? [], made) : {};
  },
};
