import { environmentDocument, environmentRequest } from "../../../service/domain/environment-document.ts";
import { accessCheck } from "../../../service/domain/access.ts";
import { resourceProblem } from "../../../service/domain/resource-arns.ts";
import { parsePolicy } from "../../../stacks/policies/evaluation/parse-policy.ts";
import { expectErrors } from "../../support/bad-documents.ts";
import { environmentInputOf, testTarget } from "../../support/documents.ts";
import fc from "../../support/properties.ts";

const statement = (rest: object) => ({ Effect: "Allow" as const, Action: "s3:GetObject", ...rest });
const asked = (...statements: object[]) => ({ ...environmentInputOf(), extraStatements: statements });

describe("a resource of a statement", () => {
  it.each([
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/${aws:userid}/${aws:PrincipalTag/team, 'none'}/*",
    "arn:aws:s3:*",
    "arn:aws:s3:::*",
    "arn:*:s3:::bucket",
    "arn:aws*:s3:::bucket",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:eu-*:11112222????:instance/i-*",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:ssm:ap-southeast-1::document/AWS-RunShellScript",
    "arn:aws:apigateway:us-east-1::/restapis/*/stages",
    "arn:aws:sns:us-east-1:111122223333:topic:0b2a",
    "arn:aws:execute-api:us-east-1:*:api/*/GET/",
  ])("may be %s", (resource) => {
    expect(resourceProblem(resource, "aws")).toBeNull();
  });

  it.each([
    ["arn:x", /partition of AWS/],
    ["arn:", /partition of AWS/],
    ["arn:Aws:s3:::bucket", /partition of AWS/],
    ["arn:azure*:s3:::bucket", /partition of AWS/],
    ["arn:aws-cn:s3:::bucket", /partition of the targets, aws:/],
    ["arn:aws", /all six parts/],
    ["arn:aws:s3", /all six parts/],
    ["arn:aws:s3:bucket", /all six parts/],
    ["arn:aws:s3::bucket", /account of 12 digits|all six parts/],
    ["arn:aws::::bucket", /a service in small letters/],
    ["arn:aws:S3:::bucket", /a service in small letters/],
    ["arn:aws:s*:::bucket", /a service in small letters/],
    ["arn:aws:*", /write "\*" alone/],
    ["arn:aws:ec2:EU:111122223333:instance/*", /region/],
    ["arn:aws:ec2:${aws:RequestedRegion}:111122223333:instance/*", /region/],
    ["arn:aws:ec2:*:1111:instance/*", /12 digits/],
    ["arn:aws:ec2:*:1111222233334*:instance/*", /12 digits/],
    ["arn:aws:s3:::", /a resource as its last part/],
  ])("may not be %s", (resource, message) => {
    expect(resourceProblem(resource, "aws")).toMatch(message);
  });

  it("is one that the evaluator understands", () => {
    const part = fc.constantFrom("", "*", "aws", "aws-cn", "s3", "eu-west-1", "111122223333", "a/b*", "x?", "A", "*x*");
    const resources = fc.array(part, { maxLength: 7 }).map((parts) => ["arn", ...parts].join(":"));
    fc.assert(
      fc.property(resources, (Resource) => {
        fc.pre(resourceProblem(Resource, undefined) === null);
        expect(parsePolicy("p", { Version: "2012-10-17", Statement: [statement({ Resource })] })).toHaveProperty(
          "policy",
        );
      }),
    );
  });

  it("is refused in a request at its place, and still read in a document that was applied", () => {
    const document = asked(
      statement({ Resource: ["arn:aws:s3:::bucket", "arn:aws:s3"] }),
      statement({ NotResource: "arn:x" }),
    );
    expectErrors(environmentRequest, "environment", document, {
      "/extraStatements/0/Resource/1": /six parts/,
      "/extraStatements/1/NotResource": /partition/,
    });
    expect(environmentDocument.safeParse(document).success).toBe(true);
    expectErrors(environmentRequest, "environment", asked(statement({ Resource: "bucket" })), {
      "/extraStatements/0/Resource": /must be a resource ARN \(arn:partition/,
    });
  });

  it("is of the partition of the targets", () => {
    const china = (partition: string) => ({
      ...asked(statement({ Resource: `arn:${partition}:s3:::bucket/*` })),
      targets: [{ ...testTarget, region: "cn-north-1" }],
    });
    for (const partition of ["aws-cn", "*", "aws*"])
      expectErrors(environmentRequest, "environment", china(partition), {});
    expectErrors(environmentRequest, "environment", china("aws"), {
      "/extraStatements/0/Resource": /partition of the targets, aws-cn/,
    });
  });
});

describe("a document that a question names", () => {
  const asking = (document: string) =>
    accessCheck.safeParse({
      principal: { userName: "testuser01" },
      action: "ssm:StartSession",
      node: { kind: "ec2", ...testTarget, tags: { "aws:autoscaling:groupName": "web", project: "Production" } },
      document,
    }).success;

  it.each([
    "Gatehouse-production",
    "AWS-StartSSHSession",
    "arn:aws:ssm:ap-southeast-1:111122223333:document/Shared",
    "arn:aws-us-gov:ssm:us-gov-west-1::document/AWS-StartSSHSession",
  ])("may be %s", (document) => {
    expect(asking(document)).toBe(true);
  });

  it.each(["arn:x", "arn:aws:ssm", "arn:aws:s3:::document/x", "arn:aws:ssm:r:1:document/x", "a/b", "a:1", "*", ""])(
    "may not be %j",
    (document) => {
      expect(asking(document)).toBe(false);
    },
  );
});
