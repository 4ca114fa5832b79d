/** The stack's secrets cannot be read: passphrase, key service, settings. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { answerHttp } from "./answering-servers.ts";
import { oneTopic, withStack, type Scenario } from "./scenario.ts";

const key = "awskms:///arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab?region=us-east-1";

const credentials = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_REGION: "us-east-1",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_MAX_ATTEMPTS: "1",
};

const keyRefused = (name: string, about: string, code: string, message: string): Scenario => ({
  name,
  about,
  provoke: async (world) => {
    const kms = await answerHttp({
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code },
      body: JSON.stringify({ __type: code, message }),
    });
    try {
      return await world.attempt({
        makeStack: true,
        secretsProvider: key,
        arguments: oneTopic(),
        environment: { ...credentials, AWS_ENDPOINT_URL_KMS: kms.url },
      });
    } finally {
      await kms.close();
    }
  },
});

export const secretsScenarios: Scenario[] = [
  {
    name: "wrong-passphrase",
    about: "the passphrase is not the one that the stack was made with",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({
        verb: "preview",
        arguments: oneTopic(),
        environment: { PULUMI_CONFIG_PASSPHRASE: "another" },
      });
    },
  },
  {
    name: "no-passphrase",
    about: "no passphrase is given",
    provoke: async (world) => {
      await withStack(world);
      return world.attempt({ verb: "preview", arguments: oneTopic(), environment: { PULUMI_CONFIG_PASSPHRASE: null } });
    },
  },
  {
    name: "salt-lost-wrong-passphrase",
    about: "the settings of the stack are lost, and the passphrase is another",
    provoke: async (world) => {
      await withStack(world, {
        resources: [{ ...oneTopic().resources[0]!, inputs: { name: "a", displayName: "x" }, secret: ["displayName"] }],
      });
      await rm(join(world.directory, "work/Pulumi.environment.provoked.yaml"));
      return world.attempt({ arguments: oneTopic(), environment: { PULUMI_CONFIG_PASSPHRASE: "another" } });
    },
  },
  {
    name: "unknown-secrets-provider",
    about: "the secrets provider is none that the CLI knows",
    provoke: (world) => world.attempt({ makeStack: true, secretsProvider: "nokms://key", arguments: oneTopic() }),
  },
  {
    name: "key-without-credentials",
    about: "the key service is asked without credentials",
    provoke: (world) =>
      world.attempt({
        makeStack: true,
        secretsProvider: key,
        arguments: oneTopic(),
        environment: { AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "us-east-1" },
      }),
  },
  keyRefused(
    "key-access-denied",
    "the key service refuses the caller",
    "AccessDeniedException",
    "User: arn:aws:sts::111122223333:assumed-role/gatehouse/session is not authorized to perform: kms:Encrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Encrypt action",
  ),
  keyRefused(
    "key-not-found",
    "the key does not exist",
    "NotFoundException",
    "Key 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist",
  ),
  keyRefused(
    "key-disabled",
    "the key is disabled",
    "DisabledException",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab is disabled.",
  ),
  keyRefused(
    "key-expired-token",
    "the credentials for the key service ran out",
    "ExpiredTokenException",
    "The security token included in the request is expired",
  ),
  keyRefused(
    "key-unrecognized-client",
    "the access key is unknown",
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
  ),
];
