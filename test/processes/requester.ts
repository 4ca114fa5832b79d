/** Somebody who sends requests for one stack one after the other, and brings it home when it needs recovery. */
import type { Operation } from "../../service/domain/operation.ts";
import type { Caller } from "../chaos/caller.ts";
import type { Random } from "../chaos/seeded-random.ts";
import { environmentDocument, type Wanted } from "../chaos/workloads.ts";

export interface Requester {
  caller: Caller;
  random: Random;
  /** Name of the environment. */
  name: string;
  /** Account that the environment is in. */
  account: string;
  /** Ids of every operation that was accepted from here. */
  accepted: string[];
}

const tries = 20;

/** Sends a preview or an up; half of the time it waits for the end before the next one, so that some requests queue. */
export async function sendRequests(requester: Requester, requests: number): Promise<void> {
  const { random, name, account, caller } = requester;
  for (let number = 1; number <= requests; number += 1) {
    const action = random.next() < 0.3 ? "up" : "preview";
    const wanted: Wanted = {
      people: random.integer(1, 2),
      sessionDuration: random.pick(["PT1H", "PT2H"]),
      retentionDays: random.pick([90, 365]),
    };
    const environment = environmentDocument(name, wanted, account);
    const first = await send(requester, `${name}-${number}`, { action, environment });
    if (random.next() < 0.5) await endOf(caller, first);
  }
}

/** Posts until it is accepted: a stack that needs recovery is brought home first. */
async function send(requester: Requester, key: string, body: object): Promise<string> {
  const { caller, accepted } = requester;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const answer = await caller.call<Operation & { code?: string }>("POST", "/v1/environment-requests", {
      body,
      key: `${key}-${attempt}`,
    });
    if (answer.status === 202) {
      accepted.push(answer.body.id);
      return answer.body.id;
    }
    if (answer.body.code !== "recovery_required")
      throw new Error(`${key} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    await bringHome(requester);
  }
  throw new Error(`${key} was not accepted in ${tries} calls`);
}

/** The end of a request: its preview's, and then that of the up that continues it. */
async function endOf(caller: Caller, id: string): Promise<Operation> {
  const operation = await caller.ended(id);
  return operation.continuedBy === null ? operation : endOf(caller, operation.continuedBy);
}

/** Recovers whatever of the stack needs it, and waits until that has ended. */
export async function bringHome({ caller, name, accepted }: Requester): Promise<void> {
  const list = `/v1/operations?stack=environment/${name}&limit=1&status=`;
  const { body } = await caller.call<{ items: Operation[] }>("GET", `${list}needs_recovery`);
  const [doubtful] = body.items;
  if (doubtful === undefined) return;
  const answer = await caller.call<Operation>("POST", `/v1/operations/${doubtful.id}/recover`, {
    body: { resolution: "refresh" },
    key: `recover-${doubtful.id}-${accepted.length}`,
  });
  // Otherwise a recovery is under way, or has happened since.
  if (answer.status === 202) {
    accepted.push(answer.body.id);
    await caller.ended(answer.body.id);
  }
}
