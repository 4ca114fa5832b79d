import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { FoundationArguments } from "../arguments.ts";
import { preferencesDocumentName } from "../names.ts";
import { sessionDocument } from "../policies/session-document.ts";
import type { Place } from "./arns.ts";
import { defaultSessionPrefix } from "./log-archive-policies.ts";

export interface SessionPreferencesArgs {
  place: Place;
  /** Timeouts, and the document that is taken over. */
  preferences: FoundationArguments["sessionPreferences"];
  logGroupName: string;
  bucketName: string;
  /** Encrypts the stream between a person's machine and the node. */
  keyArn: pulumi.Input<string>;
  /** Log group and bucket: a session is refused while those that its preferences name are not there. */
  logsTo: pulumi.Resource;
}

/**
 * The default preferences of the region's sessions. Systems Manager reads them from the document of one fixed name;
 * environments bring documents of their own, so these apply to whoever starts a session without naming one.
 * Without this stack the region falls back to AWS's defaults, which log nothing.
 */
export class SessionPreferences extends pulumi.ComponentResource {
  readonly documentName: pulumi.Output<string>;

  constructor(name: string, args: SessionPreferencesArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:foundation:SessionPreferences", name, {}, options);
    const { place, preferences, logGroupName, bucketName } = args;
    const content = pulumi.output(args.keyArn).apply((keyArn) =>
      JSON.stringify(
        sessionDocument({
          description: "Default session preferences",
          logGroupName,
          bucketName,
          keyPrefix: defaultSessionPrefix,
          kmsKeyId: keyArn,
          idleTimeoutMinutes: preferences.idleTimeoutMinutes,
          maxSessionMinutes: preferences.maxSessionMinutes,
        }),
      ),
    );
    const document = new aws.ssm.Document(
      "session-preferences-document",
      {
        region: place.region,
        name: preferencesDocumentName,
        documentType: "Session",
        documentFormat: "JSON",
        content,
      },
      {
        parent: this,
        dependsOn: [args.logsTo],
        ...(preferences.importId === null ? {} : { import: preferences.importId }),
      },
    );

    this.documentName = document.name;
    this.registerOutputs({ documentName: this.documentName });
  }
}
