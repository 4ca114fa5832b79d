/** Buckets by name: ours, somebody else's, or nobody's. */
import { HeadBucketCommand, paginateListBuckets } from "@aws-sdk/client-s3";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { statusOf } from "./failures.ts";

/** Statuses of a HEAD (which has no body, and so no code) for a bucket that is there and not ours, or in another region. */
const somebodyElses = [301, 307, 400, 403];

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
  return clients.ask({ action: "s3:ListBucket", scope }, async () => {
    try {
      const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: name }));
      return { owned: false, region: BucketRegion ?? null };
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return null;
      if (status !== null && somebodyElses.includes(status)) return { owned: false, region: null };
      throw error;
    }
  });
};
