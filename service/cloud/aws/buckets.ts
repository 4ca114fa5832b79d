/** Buckets by name: ours, somebody else's, or nobody's. */
import { HeadBucketCommand, paginateListBuckets } from "@aws-sdk/client-s3";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { isCode } from "./failures.ts";

/** What AWS answers about a bucket that is there and that the caller may not look into, or that is in another region. */
const somebodyElses = ["403", "Forbidden", "AccessDenied", "301", "PermanentRedirect", "400", "BadRequest"];

/**
 * The list of the account's own buckets says for certain which are ours. A HEAD of any other name tells only whether somebody
 * has it: 404 nobody; anything else is not free to take. Sources: S3 API Reference, ListBuckets (`Prefix`), HeadBucket.
 */
export const findBucketOnAws = async (
  clients: AwsClients,
  scope: Scope,
  name: string,
): Promise<{ owned: boolean; region: string | null } | null> => {
  const client = clients.s3(scope);
  const own = await clients.ask({ action: "s3:ListAllMyBuckets", scope }, async () => {
    for await (const page of paginateListBuckets({ client }, { Prefix: name, MaxBuckets: 1000 })) {
      const bucket = page.Buckets?.find(({ Name }) => Name === name);
      if (bucket !== undefined) return { owned: true, region: bucket.BucketRegion ?? null };
    }
    return null;
  });
  if (own !== null) return own;
  return clients.ask({ action: "s3:ListBucket", scope, none: ["NotFound", "NoSuchBucket", "404"] }, async () => {
    try {
      const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: name }));
      return { owned: false, region: BucketRegion ?? null };
    } catch (error) {
      if (isCode(error, somebodyElses)) return { owned: false, region: null };
      throw error;
    }
  });
};
