import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { FoundationFacts } from "../arguments.ts";
import { importIdBeside } from "../import-ids.ts";
import { importing } from "./importing.ts";
import { nodeLogPolicyName, sessionDocumentName, sessionKeyAlias, sessionLogGroupName } from "../names.ts";
import { logKeyPolicy } from "../policies/log-key-policy.ts";
import { nodeLogPolicy } from "../policies/node-log-policy.ts";
import { partitionOf } from "../policies/partition.ts";
import { policyJson } from "../policies/policy-document.ts";
import { sessionDocument } from "../policies/session-document.ts";

export interface SessionLoggingArgs {
  /** Name of the environment. */
  environment: string;
  account: string;
  region: string;
  foundation: FoundationFacts;
  /** One of CloudWatch's fixed numbers of days. */
  retentionDays: number;
  /** Folder of the foundation's bucket. */
  keyPrefix: string;
  /** Whether people start shells, which take their preferences from a document of the environment's own. */
  shell: boolean;
  /** Name of the log group, and id of the key with the environment's alias, that are taken over. */
  logGroupImportId: string | null;
  keyImportId: string | null;
}

/**
 * Where the environment's sessions are logged in one account and region, and what sends them there: key, log group, session
 * document, and the right of the account's nodes to write. The records outlive the environment: log group, key and alias stay
 * in the account when the stack lets them go.
 */
export class SessionLogging extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;
  /** What a node's role needs to log here. */
  readonly nodeLogPolicyArn: pulumi.Output<string>;

  constructor(name: string, args: SessionLoggingArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:environment:SessionLogging", name, {}, options);
    const key = this.#key(name, args);
    const logGroup = this.#logGroup(name, args, key);
    if (args.shell) this.#sessionDocument(name, args, key, logGroup);
    const policy = this.#nodeLogPolicy(name, args, key);
    this.#attachToNodes(name, args, policy);

    this.logGroupName = logGroup.name;
    this.nodeLogPolicyArn = policy.arn;
    this.registerOutputs({ logGroupName: this.logGroupName, nodeLogPolicyArn: this.nodeLogPolicyArn });
  }

  #key(name: string, { environment, account, region, keyImportId }: SessionLoggingArgs): aws.kms.Key {
    const partition = partitionOf(region);
    const logGroupName = sessionLogGroupName(environment);
    const kept = { parent: this, retainOnDelete: true };
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        region,
        description: `Sessions of ${environment} and their logs`,
        enableKeyRotation: true,
        policy: policyJson(logKeyPolicy({ partition, account, region, logGroupName })),
      },
      { ...kept, ...importing(keyImportId) },
    );
    const alias = sessionKeyAlias(environment);
    // A key is found by its alias, so who takes the one over takes the other.
    const aliasImportId = importIdBeside(keyImportId, alias);
    new aws.kms.Alias(
      `${name}-key-alias`,
      { region, name: alias, targetKeyId: key.keyId },
      { ...kept, ...importing(aliasImportId) },
    );
    return key;
  }

  #logGroup(name: string, args: SessionLoggingArgs, key: aws.kms.Key): aws.cloudwatch.LogGroup {
    const { environment, region, retentionDays, logGroupImportId } = args;
    return new aws.cloudwatch.LogGroup(
      `${name}-log-group`,
      { region, name: sessionLogGroupName(environment), retentionInDays: retentionDays, kmsKeyId: key.arn },
      { parent: this, retainOnDelete: true, ...importing(logGroupImportId) },
    );
  }

  #sessionDocument(name: string, args: SessionLoggingArgs, key: aws.kms.Key, logGroup: aws.cloudwatch.LogGroup): void {
    const { environment, region, keyPrefix, foundation } = args;
    const { bucketName, idleTimeoutMinutes, maxSessionMinutes } = foundation;
    const description = `Shell sessions of ${environment}`;
    const logGroupName = sessionLogGroupName(environment);
    const content = key.arn.apply((kmsKeyId) =>
      JSON.stringify(
        sessionDocument({
          description,
          logGroupName,
          bucketName,
          keyPrefix,
          kmsKeyId,
          idleTimeoutMinutes,
          maxSessionMinutes,
        }),
      ),
    );
    new aws.ssm.Document(
      `${name}-session-document`,
      { region, name: sessionDocumentName(environment), documentType: "Session", documentFormat: "JSON", content },
      // A session is refused while the log group that its document names is missing.
      { parent: this, dependsOn: [logGroup] },
    );
  }

  #nodeLogPolicy(name: string, args: SessionLoggingArgs, key: aws.kms.Key): aws.iam.Policy {
    const { environment, account, region, keyPrefix, foundation } = args;
    const { bucketName, archiveKeyArn } = foundation;
    const partition = partitionOf(region);
    const logGroupName = sessionLogGroupName(environment);
    const policy = key.arn.apply((keyArn) =>
      policyJson(
        nodeLogPolicy({
          partition,
          account,
          region,
          logGroupName,
          bucketName,
          keyPrefix,
          keyArns: [keyArn, archiveKeyArn],
        }),
      ),
    );
    return new aws.iam.Policy(
      `${name}-node-log-policy`,
      {
        name: nodeLogPolicyName(environment, region),
        description: `Lets nodes write the session logs of ${environment} in ${region}`,
        policy,
      },
      { parent: this },
    );
  }

  #attachToNodes(name: string, { foundation }: SessionLoggingArgs, policy: aws.iam.Policy): void {
    new aws.iam.RolePolicyAttachment(
      `${name}-node-log-attachment`,
      { role: foundation.nodeRoleName, policyArn: policy.arn },
      { parent: this },
    );
  }
}
