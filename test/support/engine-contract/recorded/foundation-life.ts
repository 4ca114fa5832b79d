/** The foundation program: made, changed, destroyed with what it retains, and made again on that. */
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import { simulatedReader } from "../../../../service/cloud/simulated/simulated-reader.ts";
import type { FoundationArguments } from "../../../../stacks/arguments.ts";
import { archiveKeyAlias } from "../../../../stacks/names.ts";
import { foundationArguments } from "../../../stacks/foundation/run-foundation.ts";
import type { Life, RunAct } from "./life.ts";
import { plain } from "./product-arguments.ts";

/** No other life has a foundation. */
const here = { account: "333344445555", region: "eu-central-1" };

const wanted = (changes: Partial<FoundationArguments> = {}): FoundationArguments =>
  foundationArguments({
    access: { ...here, roleArn: null },
    notifications: { emails: ["security@example.com"], trail: null },
    activationTier: "advanced",
    ...changes,
  });
const foundation = (changes: Partial<FoundationArguments> = {}): Pick<RunAct, "program" | "arguments"> => ({
  program: "foundation",
  arguments: plain(wanted(changes)),
});

const first = wanted();
const changed: Partial<FoundationArguments> = {
  sessionPreferences: { ...first.sessionPreferences, idleTimeoutMinutes: 10 },
  logArchive: { ...first.logArchive, retentionDays: 30 },
  notifications: { emails: ["audit@example.com"], trail: null },
  activationTier: "none",
};

/** The ids by which a use case has a foundation take back what it retained. */
const takingBack = async (account: SimulatedAccount) => {
  const reader = simulatedReader(account);
  const { logArchive } = first;
  const [bucket, logGroup, key] = await Promise.all([
    reader.findBucket(here, logArchive.bucketName),
    reader.findLogGroup(here, logArchive.logGroupName),
    reader.findKey(here, archiveKeyAlias),
  ]);
  if (bucket === null || logGroup === null || key === null)
    throw new Error("The foundation retained less than it should.");
  const ids = { bucketImportId: bucket.importId, logGroupImportId: logGroup.importId, keyImportId: key.importId };
  return plain(wanted({ logArchive: { ...logArchive, ...ids } }));
};

export const foundationLife: Life = {
  name: "foundation-program",
  about: "The foundation program",
  cast: "product",
  acts: [
    { about: "its first up", run: "up", ...foundation(), look: true },
    { about: "the same again", run: "up", ...foundation() },
    {
      about: "other times, another subscriber, and the tier left alone",
      run: "up",
      ...foundation(changed),
      look: true,
    },
    { about: "its end", run: "destroy", look: true },
    { about: "made again on what it retained", run: "up", program: "foundation", arguments: takingBack, look: true },
  ],
  behaviours: [
    { title: "archives logs under a key, retains both, and takes them back", about: /archive/ },
    { title: "manages hosts by quick setup", about: /host-management|quick-?setup/i },
    { title: "has a role and a policy for nodes", about: /node-role|session-log-policy/ },
    { title: "changes the default preferences in place", about: /session-preferences/ },
    { title: "tells people of sessions, and replaces a subscriber", about: /session-activity|session-notifications/ },
    { title: "sets the tier, and leaves it when it lets go", about: /activation-tier/ },
  ],
};
