import { sessionDocument, type SessionDocumentInput } from "../../../stacks/policies/session-document.ts";

const inputsOf = (overrides: Partial<SessionDocumentInput> = {}) =>
  sessionDocument({
    description: "Shell sessions",
    logGroupName: "/logs",
    bucketName: "bucket",
    keyPrefix: "production/",
    kmsKeyId: "key",
    idleTimeoutMinutes: 20,
    maxSessionMinutes: 60,
    ...overrides,
  }).inputs;

describe("sessionDocument", () => {
  it.each(["s3EncryptionEnabled", "cloudWatchEncryptionEnabled", "cloudWatchStreamingEnabled"])(
    "switches %s on, as a boolean",
    (flag) => expect(inputsOf()[flag]).toBe(true),
  );

  it("never runs sessions as somebody else", () => expect(inputsOf()["runAsEnabled"]).toBe(false));

  it("writes timeouts as strings", () => {
    expect(inputsOf()).toMatchObject({ idleSessionTimeout: "20", maxSessionDuration: "60" });
  });

  it("leaves a limit or a folder empty where there is none", () => {
    expect(inputsOf({ maxSessionMinutes: null, keyPrefix: null })).toMatchObject({
      maxSessionDuration: "",
      s3KeyPrefix: "",
    });
  });

  it("is a shell session of the only schema that there is", () => {
    const input = { description: "d", logGroupName: "l", bucketName: "b", keyPrefix: null, kmsKeyId: "k" };
    expect(sessionDocument({ ...input, idleTimeoutMinutes: 1, maxSessionMinutes: null })).toMatchObject({
      schemaVersion: "1.0",
      description: "d",
      sessionType: "Standard_Stream",
    });
  });
});
