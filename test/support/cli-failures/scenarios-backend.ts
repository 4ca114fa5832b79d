/** The state backend cannot be reached, or refuses. */
import { join } from "node:path";
import { answerHttp, answerPostgres, closedPort, type AnsweringServer } from "./answering-servers.ts";
import type { AttemptSettings } from "./provoke.ts";
import { canary, oneTopic, type Scenario } from "./scenario.ts";

const at = (backend: string, environment: Record<string, string> = {}): AttemptSettings => ({
  makeStack: true,
  arguments: oneTopic(),
  environment: { PULUMI_BACKEND_URL: backend, ...environment },
});

const postgres = (host: string): string => `postgres://gatehouse:${canary}@${host}/state?sslmode=disable`;

const backendOf = (name: string, about: string, backend: () => string | Promise<string>): Scenario => ({
  name,
  about,
  provoke: async (world) => world.attempt(at(await backend())),
});

const postgresAnswers = (name: string, about: string, sqlState: string, message: string): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    const server = await answerPostgres(sqlState, message);
    try {
      return await world.attempt(at(postgres(`127.0.0.1:${server.port}`)));
    } finally {
      await server.close();
    }
  },
});

const credentials = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_MAX_ATTEMPTS: "1",
};

const bucketAt = ({ url }: Pick<AnsweringServer, "url">): string =>
  `s3://state-bucket?region=us-east-1&endpoint=${encodeURIComponent(url)}&s3ForcePathStyle=true`;

const bucketAnswers = (name: string, about: string, status: number, code: string, message: string): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><BucketName>state-bucket</BucketName><RequestId>4442587FB7D0A2F9</RequestId></Error>`;
    const server = await answerHttp({ status, headers: { "content-type": "application/xml" }, body });
    try {
      return await world.attempt(at(bucketAt(server), credentials));
    } finally {
      await server.close();
    }
  },
});

const cloudAnswers = (name: string, about: string, status: number, message: string): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    const body = JSON.stringify({ code: status, message });
    const server = await answerHttp({ status, headers: { "content-type": "application/json" }, body });
    try {
      return await world.attempt(
        at(server.url, { PULUMI_ACCESS_TOKEN: "pul-0123456789abcdef0123456789abcdef01234567" }),
      );
    } finally {
      await server.close();
    }
  },
});

export const backendScenarios: Scenario[] = [
  backendOf("file-missing", "the directory of the state does not exist", () => "file:///no/such/directory"),
  {
    name: "file-not-writable",
    about: "the directory of the state is a file",
    provoke: async (world) => world.attempt(at(`file://${join(world.directory, "work/Pulumi.yaml")}`)),
  },
  backendOf("unknown-scheme", "the backend is none that the CLI knows", () => "gopher://state"),
  backendOf("postgres-refused", "nobody listens where the database should be", async () =>
    postgres(`127.0.0.1:${await closedPort()}`),
  ),
  backendOf("postgres-no-host", "the database's name is unknown to DNS", () => postgres("database.invalid:5432")),
  backendOf(
    "postgres-bad-url",
    "the connection string cannot be read",
    () => `postgres://gatehouse:${canary}@host:port/state`,
  ),
  postgresAnswers(
    "postgres-wrong-password",
    "the database refuses the password",
    "28P01",
    'password authentication failed for user "gatehouse"',
  ),
  postgresAnswers("postgres-no-database", "the database does not exist", "3D000", 'database "state" does not exist'),
  postgresAnswers(
    "postgres-too-many",
    "the database takes no more sessions",
    "53300",
    "sorry, too many clients already",
  ),
  postgresAnswers("postgres-starting", "the database is starting", "57P03", "the database system is starting up"),
  backendOf("cloud-no-login", "Pulumi Cloud without a token", () => "https://api.pulumi.com"),
  cloudAnswers(
    "cloud-bad-token",
    "Pulumi Cloud refuses the token",
    401,
    "Unauthorized: No credentials provided or are invalid.",
  ),
  cloudAnswers("cloud-forbidden", "Pulumi Cloud refuses what is asked for", 403, "Forbidden"),
  cloudAnswers("cloud-broken", "Pulumi Cloud fails", 503, "Service Unavailable"),
  {
    name: "cloud-no-host",
    about: "Pulumi Cloud's name is unknown to DNS",
    provoke: (world) => world.attempt(at("https://cloud.invalid", { PULUMI_ACCESS_TOKEN: canary })),
  },
  bucketAnswers(
    "s3-no-bucket",
    "the bucket of the state does not exist",
    404,
    "NoSuchBucket",
    "The specified bucket does not exist",
  ),
  bucketAnswers("s3-access-denied", "the bucket of the state may not be read", 403, "AccessDenied", "Access Denied"),
  bucketAnswers(
    "s3-unknown-key",
    "the access key is unknown",
    403,
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
  ),
  bucketAnswers(
    "s3-bad-signature",
    "the secret key is not the access key's",
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  ),
  bucketAnswers(
    "s3-expired-token",
    "the credentials for the bucket ran out",
    400,
    "ExpiredToken",
    "The provided token has expired.",
  ),
  bucketAnswers(
    "s3-slow-down",
    "more calls than the bucket takes",
    503,
    "SlowDown",
    "Please reduce your request rate.",
  ),
  {
    name: "s3-no-credentials",
    about: "the bucket of the state is asked without credentials",
    provoke: (world) =>
      world.attempt(
        at("s3://state-bucket?region=us-east-1", { AWS_EC2_METADATA_DISABLED: "true", AWS_MAX_ATTEMPTS: "1" }),
      ),
  },
  {
    name: "s3-no-region",
    about: "nobody said in which region the bucket of the state is",
    provoke: (world) => world.attempt(at("s3://state-bucket", credentials)),
  },
  {
    name: "s3-refused",
    about: "nobody listens at the bucket's endpoint",
    provoke: async (world) =>
      world.attempt(at(bucketAt({ url: `http://127.0.0.1:${await closedPort()}` }), credentials)),
  },
  {
    name: "s3-no-host",
    about: "the bucket's endpoint is unknown to DNS",
    provoke: (world) => world.attempt(at(bucketAt({ url: "https://s3.invalid" }), credentials)),
  },
  {
    name: "s3-not-tls",
    about: "the bucket's endpoint does not speak TLS",
    provoke: async (world) => {
      const server = await answerHttp({ status: 200, body: "" });
      try {
        return await world.attempt(at(bucketAt({ url: server.url.replace("http:", "https:") }), credentials));
      } finally {
        await server.close();
      }
    },
  },
];
