/**
 * What is asked of the service while it dies: environments made, changed, looked at (refreshes, drift checks, verifications) and
 * destroyed, and the foundation changed.
 */
import { environmentStack, foundationStack } from "../../service/domain/stacks.ts";
import type { Random } from "./seeded-random.ts";

const looks = ["refreshes", "drift-checks", "verifications"] as const;
export type Look = (typeof looks)[number];

export interface Workload {
  kind: "create" | "change" | "destroy" | "foundation" | Look;
  stack: string;
  /** The call that starts it. */
  request: { method: "POST" | "DELETE"; path: string; body?: object };
  /** What comes after the operation that the call starts: an up by itself, one that the caller applies, or nothing. */
  follows: "up" | "apply" | "nothing";
  /** The call that shows that nothing is left to do; null after a destroy. */
  check: { path: string; body: object } | null;
  /** Where the stack is read. */
  read: string;
}

const region = "ap-southeast-1";
const usualAccount = "111122223333";

export const foundationWorkload = (idleTimeoutMinutes: number, account = usualAccount): Workload => {
  const target = { account, region };
  const foundation = { ...target, sessionPreferences: { idleTimeoutMinutes } };
  return {
    kind: "foundation",
    stack: foundationStack(target.account, target.region),
    request: { method: "POST", path: "/v1/foundation-requests", body: { action: "up", foundation } },
    follows: "up",
    check: { path: "/v1/foundation-requests", body: { action: "preview", foundation } },
    read: `/v1/foundations/${target.account}/${target.region}`,
  };
};

export interface Wanted {
  people: number;
  sessionDuration: "PT1H" | "PT2H";
  retentionDays: 90 | 365;
}

/** An environment that is small and has every kind of part. */
export const environmentDocument = (
  name: string,
  { people, sessionDuration, retentionDays }: Wanted,
  account = usualAccount,
) => ({
  name,
  tag: { key: "project", value: name },
  targets: [{ account, region }],
  group: {
    members: Array.from({ length: people }, (_, index) => ({
      userName: `${name}-${index}`,
      email: `${name}-${index}@example.com`,
      givenName: "Given",
      familyName: "Family",
    })),
  },
  permissionSet: { sessionDuration },
  logging: { cloudWatch: { retentionDays } },
});

const environmentWorkload = (kind: "create" | "change", name: string, wanted: Wanted): Workload => {
  const environment = environmentDocument(name, wanted);
  return {
    kind,
    stack: environmentStack(name),
    request: { method: "POST", path: "/v1/environment-requests", body: { action: "up", environment } },
    follows: "up",
    check: { path: "/v1/environment-requests", body: { action: "preview", environment } },
    read: `/v1/environments/${name}`,
  };
};

const destroyWorkload = (name: string): Workload => ({
  kind: "destroy",
  stack: environmentStack(name),
  request: { method: "DELETE", path: `/v1/environments/${name}` },
  follows: "apply",
  check: null,
  read: `/v1/environments/${name}`,
});

/** Changes nothing: the document that was applied is what still holds afterwards. */
const lookWorkload = (look: Look, name: string, wanted: Wanted): Workload => ({
  ...environmentWorkload("change", name, wanted),
  kind: look,
  request: { method: "POST", path: `/v1/environments/${name}/${look}` },
  follows: "nothing",
});

const other = <Value>(value: Value, one: Value, two: Value): Value => (value === one ? two : one);

/** Work without end: each piece finds the account as the ones before left it. */
export function* workloads(random: Random): Generator<Workload, never> {
  const existing = new Map<string, Wanted | null>([
    ["amber", null],
    ["birch", null],
  ]);
  const fresh = (): Wanted => ({ people: random.integer(1, 2), sessionDuration: "PT1H", retentionDays: 365 });
  for (let count = 1; ; count += 1) {
    if (count % 8 === 0) {
      yield foundationWorkload(random.integer(5, 60));
      continue;
    }
    const name = random.pick(["amber", "birch"]);
    const before = existing.get(name) ?? null;
    if (before === null) {
      const wanted = fresh();
      existing.set(name, wanted);
      yield environmentWorkload("create", name, wanted);
      continue;
    }
    const draw = random.next();
    if (draw < 0.35) {
      existing.set(name, null);
      yield destroyWorkload(name);
    } else if (draw < 0.65) {
      yield lookWorkload(random.pick(looks), name, before);
    } else {
      const wanted: Wanted = {
        people: before.people === 3 ? 1 : before.people + 1,
        sessionDuration: other(before.sessionDuration, "PT1H", "PT2H"),
        retentionDays: other(before.retentionDays, 365, 90),
      };
      existing.set(name, wanted);
      yield environmentWorkload("change", name, wanted);
    }
  }
}
