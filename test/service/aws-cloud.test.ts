import { startTestApplication, type TestApplication } from "../support/application.ts";
import { buckets, callerIdentity, instances, managementAccount, organization, role } from "./cloud/aws/answers.ts";
import { startAwsServer, type AwsServer } from "./cloud/aws/aws-server.ts";

const account = "111122223333";
const foundation = {
  account,
  region: "ap-southeast-1",
  logArchive: { bucketName: "session-manager-log-bucket123" },
  notifications: null,
};

/** Where AWS's tools find credentials, and Pulumi its plugins; what the machine has of them is put back. */
const environment = {
  AWS_ACCESS_KEY_ID: "AKIAPROCESS",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/nowhere",
  AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
  AWS_MAX_ATTEMPTS: "1",
  PULUMI_HOME: "/nowhere",
};

const settings = {
  GATEHOUSE_ENGINE: "automation",
  GATEHOUSE_CLOUD: "aws",
  PULUMI_BACKEND_URL: "file:///nowhere",
  PULUMI_CONFIG_PASSPHRASE: "a passphrase",
  AWS_REGION: "eu-central-1",
};

describe("the service on AWS", () => {
  let aws: AwsServer;
  let application: TestApplication;
  const before = { ...process.env };

  beforeAll(async () => {
    aws = await startAwsServer();
    Object.assign(process.env, environment, { AWS_ENDPOINT_URL: aws.url });
    application = await startTestApplication({ environment: settings });
  });
  beforeEach(() => {
    aws.clear();
    aws.on("GetCallerIdentity", callerIdentity(account));
    aws.on("ListInstances", instances(managementAccount));
    aws.on("DescribeOrganization", organization);
  });
  afterAll(async () => {
    await application.close();
    await aws.close();
    for (const name of [...Object.keys(environment), "AWS_ENDPOINT_URL"]) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  });

  const preview = async (): Promise<unknown> => {
    const request = { action: "preview", foundation };
    return (await application.call("POST", "/v1/foundation-requests", request, { Prefer: "wait=60" })).json();
  };

  /** An account in which nothing is yet of what a foundation makes. */
  const empty = (): void => {
    aws.on("DescribeLogGroups", { body: { logGroups: [] } });
    aws.on("DescribeKey", { error: "NotFoundException" });
    aws.on("DescribeDocument", { error: "InvalidDocument" });
    aws.on("ListBuckets", buckets([]));
    aws.on("HeadBucket", { body: "", status: 404 });
    aws.on("GetRole", { error: "NoSuchEntity", status: 404 });
    aws.on("GetPolicy", { error: "NoSuchEntity", status: 404 });
    aws.on("GetInstanceProfile", { error: "NoSuchEntity", status: 404 });
    aws.on("GetResource", { error: "ResourceNotFoundException" });
    aws.on("ListResources", { body: { ResourceDescriptions: [] } });
  };

  it("does not start beside it with another passphrase: its runs would fail one by one", async () => {
    const other = { ...settings, PULUMI_CONFIG_PASSPHRASE: "another", DATABASE_URL: application.database.url };
    await expect(startTestApplication({ environment: other })).rejects.toThrow(/PULUMI_CONFIG_PASSPHRASE/);
  });

  it("starts, and says on /readyz what is missing", async () => {
    const answer = await application.call("GET", "/readyz");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      ready: false,
      cloud: "aws",
      checks: {
        engine: { ready: false },
        cloud: { ready: true, detail: `AWS takes the credentials: account ${account}.` },
      },
    });
  });

  it("asks AWS in the first step of a preview: a name that is taken is refused before anything runs", async () => {
    empty();
    aws.on("GetRole", role("taken"));
    expect(await preview()).toMatchObject({ status: "failed", problem: { code: "name_taken" } });
    expect(aws.requests.every(({ accessKeyId }) => accessKeyId === "AKIAPROCESS")).toBe(true);
  });

  it("fails a preview of what is free with what the engine lacks", async () => {
    empty();
    expect(await preview()).toMatchObject({ status: "failed", problem: { code: "engine_failed" } });
  });

  it("says which permission AWS refuses", async () => {
    aws.on("GetCallerIdentity", { error: "AccessDenied", message: "not you", status: 403 });
    expect(await preview()).toMatchObject({ status: "failed", problem: { code: "access_denied" } });
  });
});
