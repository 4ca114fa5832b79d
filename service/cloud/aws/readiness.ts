/** Whether AWS takes the process's credentials, for `/readyz`. */
import { CloudReadError } from "../read-error.ts";

/** The answer: a sentence, without AWS's own words, since it needs no key. */
export interface Readiness {
  ready: boolean;
  detail: string;
}

/** How long an answer is good, in milliseconds: probes come every few seconds. */
const goodMilliseconds = 60_000;

/** What stands in the way. */
const notReady: Record<CloudReadError["failure"], (code: string) => string> = {
  access_denied: (code) => `AWS refuses sts:GetCallerIdentity to the credentials of the process (${code}).`,
  credentials_invalid: (code) =>
    `No credentials that AWS takes (${code}): give the process some, by environment, profile, web identity or instance role.`,
  throttled: (code) => `AWS asks for fewer calls (${code}).`,
  aws_unreachable: (code) => `AWS does not answer (${code}): see that this machine reaches sts of its region.`,
  aws_failed: (code) => `AWS answers with an error (${code}).`,
};

/**
 * Asks once a minute at most.
 *
 * @param account asks AWS whose the credentials are; rejects with a CloudReadError
 */
export const createReadiness = (account: () => Promise<string>, now: () => Date): (() => Promise<Readiness>) => {
  const look = async (): Promise<Readiness> => {
    try {
      return { ready: true, detail: `AWS takes the credentials: account ${await account()}.` };
    } catch (error) {
      if (!(error instanceof CloudReadError)) throw error;
      return { ready: false, detail: notReady[error.failure](error.code) };
    }
  };
  let looked: { at: number; answer: Readiness } | null = null;
  return async () => {
    const at = now().getTime();
    if (looked !== null && at - looked.at < goodMilliseconds) return looked.answer;
    looked = { at, answer: await look() };
    return looked.answer;
  };
};
