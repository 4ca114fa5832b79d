import { parseJson } from "../../support/pulumi-mocks.ts";
import { foundationArguments, keyArn, region, runFoundation } from "./run-foundation.ts";

const documentType = "aws:ssm/document:Document";

describe("default session preferences", () => {
  it("are the document that Systems Manager reads, and log encrypted to the archive", async () => {
    const run = await runFoundation();
    const document = run.find(documentType);
    expect(document).toMatchObject({ parent: "session-preferences", importId: null, retainOnDelete: false });
    expect(document.inputs).toMatchObject({
      region,
      name: "SSM-SessionManagerRunShell",
      documentType: "Session",
      documentFormat: "JSON",
    });
    expect(parseJson(document.inputs["content"])).toMatchObject({
      schemaVersion: "1.0",
      inputs: {
        s3BucketName: "session-manager-log-bucket123",
        s3KeyPrefix: "default-sessions",
        s3EncryptionEnabled: true,
        cloudWatchLogGroupName: "SessionManagerLogGroup",
        cloudWatchEncryptionEnabled: true,
        kmsKeyId: keyArn,
        idleSessionTimeout: "20",
        maxSessionDuration: "60",
      },
    });
    expect(run.outputs["preferencesDocument"]).toBe("SSM-SessionManagerRunShell");
  });

  it("come after the log group and the complete bucket, without which sessions are refused", async () => {
    const run = await runFoundation();
    expect(run.find(documentType).dependencies).toEqual(
      expect.arrayContaining(["archive-log-group", "archive-bucket", "archive-encryption"]),
    );
  });

  it("are taken over where somebody saved preferences before", async () => {
    const run = await runFoundation({
      sessionPreferences: { ...foundationArguments().sessionPreferences, importId: "SSM-SessionManagerRunShell" },
    });
    expect(run.find(documentType).importId).toBe("SSM-SessionManagerRunShell");
  });

  it("know sessions without a limit", async () => {
    const run = await runFoundation({
      sessionPreferences: { idleTimeoutMinutes: 5, maxSessionMinutes: null, importId: null },
    });
    expect(parseJson(run.find(documentType).inputs["content"])["inputs"]).toMatchObject({
      idleSessionTimeout: "5",
      maxSessionDuration: "",
    });
  });
});
