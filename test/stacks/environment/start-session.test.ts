import { sessionStart } from "../../../stacks/environment/start-session.ts";

describe("sessionStart", () => {
  it("names the environment's document", () => {
    expect(sessionStart("production", "hardened", ["ssh", "shell"], "ap-southeast-1")).toEqual({
      sessionDocument: "Gatehouse-production",
      startSessionCommand:
        "aws ssm start-session --target <instance-id> --document-name Gatehouse-production --region ap-southeast-1",
    });
  });

  it.each([
    ["port-forwarding" as const, "AWS-StartPortForwardingSession", "portNumber=<port>,localPortNumber=<local-port>"],
    ["ssh" as const, "AWS-StartSSHSession", "portNumber=22"],
  ])("gives %s its document and parameters", (kind, document, parameters) => {
    expect(sessionStart("production", "hardened", [kind], "eu-west-1")).toEqual({
      sessionDocument: document,
      startSessionCommand: `aws ssm start-session --target <instance-id> --document-name ${document} --parameters ${parameters} --region eu-west-1`,
    });
  });

  it("names none where the whitepaper's policy grants none", () => {
    expect(sessionStart("production", "whitepaper", ["shell"], "eu-west-1")).toEqual({
      sessionDocument: "SSM-SessionManagerRunShell",
      startSessionCommand: "aws ssm start-session --target <instance-id> --region eu-west-1",
    });
  });
});
