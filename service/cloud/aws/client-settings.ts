/** What all clients of AWS have in common. */

/** Services that are asked, each with its client in `clients.ts`. */
export type Service =
  | "cloudcontrol"
  | "cloudtrail"
  | "ec2"
  | "iam"
  | "identitystore"
  | "kms"
  | "logs"
  | "organizations"
  | "s3"
  | "ssm"
  | "sso-admin"
  | "sts";

/** Constructor arguments that every client takes, beside region and credentials. */
export interface ClientSettings {
  maxAttempts: number;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: true };
  /** Somewhere other than AWS. */
  endpoint?: string;
}

/**
 * Timeouts and retries. The SDK waits between its attempts, longer after throttling, so a question that AWS throttles all the
 * way ends within half a minute; one to an address that swallows everything within a minute and a half.
 *
 * @param endpoint where to call a service instead of AWS; by default nowhere else. The SDK itself honours `AWS_ENDPOINT_URL`.
 */
export const clientSettingsOf =
  (endpoint: (service: Service, region: string) => string | null = () => null) =>
  (service: Service, region: string): ClientSettings => {
    const other = endpoint(service, region);
    return {
      maxAttempts: 5,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
      ...(other === null ? {} : { endpoint: other }),
    };
  };
