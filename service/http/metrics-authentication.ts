import type { Authenticate } from "./authentication.ts";
import { hashOfKey } from "./authentication.ts";
import type { Principal } from "../usecases/usecases.ts";

/** How long a key that was good is taken for good while nobody can look it up, in milliseconds. */
const memoryMilliseconds = 10 * 60_000;

/**
 * For metrics only, which are wanted most while the database is away: then a caller who was known within the last ten minutes
 * still is. Everywhere else a key that cannot be looked up is refused.
 *
 * @param clock milliseconds.
 */
export function authenticateWithMemory(
  authenticate: Authenticate,
  { isUnavailable, clock }: { isUnavailable: (error: unknown) => boolean; clock: () => number },
): Authenticate {
  // By hash, so that no key lies in memory longer than its call. Few callers read metrics: one entry each.
  const known = new Map<string, { principal: Principal; until: number }>();
  return async (authorization) => {
    const hash = hashOfKey(authorization ?? "");
    try {
      const principal = await authenticate(authorization);
      known.set(hash, { principal, until: clock() + memoryMilliseconds });
      return principal;
    } catch (error) {
      const remembered = known.get(hash);
      if (remembered !== undefined && isUnavailable(error) && clock() < remembered.until) return remembered.principal;
      known.delete(hash);
      throw error;
    }
  };
}
