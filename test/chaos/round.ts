/** One round: something is asked for, somebody dies, everything comes to rest, and what is left is held against the invariants. */
import { setTimeout as delay } from "node:timers/promises";
import type { Operation } from "../../service/domain/operation.ts";
import { pulumiStackName } from "../../service/domain/stacks.ts";
import { appliedTwice, pendingOf, recordedFalsely } from "./account-invariants.ts";
import { Lost, type Caller } from "./caller.ts";
import type { Fault, SuddenDeath } from "./faults.ts";
import type { Platform } from "./platform.ts";
import type { Workload } from "./workloads.ts";

/** What broke, by the invariant; each a sentence. */
export interface Broken {
  lost: string[];
  twice: string[];
  falsely: string[];
  /** Ended otherwise than it had to: failed although nothing but a death came in between, or a process left behind. */
  needlessly: string[];
}

export interface RoundReport {
  workload: Workload;
  /** The faults that struck: one whose place nobody comes by waits for the next round. */
  struck: Fault[];
  sudden: SuddenDeath | null;
  /** Operations that took more than one attempt. */
  ranAgain: number;
  /** Operations that ended in `needs_recovery`, and were brought home. */
  recovered: number;
  broken: Broken;
  seconds: number;
}

interface Stage {
  platform: Platform;
  caller: Caller;
  newKey: () => string;
}

const triesAtMost = 5;

/** Plays a round to its end. Rejects only when the harness itself cannot go on. */
export async function playRound(stage: Stage, death: SuddenDeath | null, workload: Workload): Promise<RoundReport> {
  const { platform, caller } = stage;
  const started = Date.now();
  const seen = new Map<string, Operation>();
  const broken: Broken = { lost: [], twice: [], falsely: [], needlessly: [] };
  const crashesBefore = platform.crashes();
  const faultyBefore = caller.faultyAnswers.length;
  const struckBefore = platform.struck().length;
  await platform.arm();
  const sudden = death === null ? Promise.resolve(null) : dieSuddenly(platform, death);
  try {
    await carryOut({ ...stage, seen, broken }, workload);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    broken.lost.push(error.message);
  }
  const died = await sudden;
  if (broken.lost.length === 0) await lookFromOutside(platform, workload.stack, seen, broken);
  broken.needlessly.push(...caller.faultyAnswers.slice(faultyBefore));
  const crashes = platform.crashes() - crashesBefore;
  if (crashes > 0) broken.needlessly.push(`${crashes} processes of the service ended by themselves`);
  const operations = [...seen.values()];
  return {
    workload,
    struck: platform.struck().slice(struckBefore),
    sudden: died,
    ranAgain: operations.filter(({ attempt }) => attempt > 1).length,
    recovered: operations.filter(({ status }) => status === "needs_recovery").length,
    broken,
    seconds: (Date.now() - started) / 1000,
  };
}

async function dieSuddenly(platform: Platform, death: SuddenDeath): Promise<SuddenDeath | null> {
  await delay(death.milliseconds);
  return platform.kill(death.victim, death.milliseconds) ? death : null;
}

interface Play extends Stage {
  seen: Map<string, Operation>;
  broken: Broken;
}

/** Asks until it is done as a caller would: after a failure once more, and out of `needs_recovery` by `recover`. */
async function carryOut(play: Play, workload: Workload): Promise<void> {
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const last = await request(play, workload);
    if (last === null) continue;
    if (last.status === "needs_recovery") {
      if (!(await recover(play, last))) return;
    } else if (last.status !== "succeeded") {
      play.broken.needlessly.push(
        `${last.kind} ${last.status}: ${last.problem?.code ?? "?"} ${last.problem?.detail ?? ""}`,
      );
    } else if (await isDone(play, workload)) return;
  }
  play.broken.falsely.push(`${workload.kind} of ${workload.stack} does not come to its end in ${triesAtMost} requests`);
}

/** Sends the request and follows it to its last operation; null when it was refused, which is noted. */
async function request(play: Play, { request: wanted, stack, follows }: Workload): Promise<Operation | null> {
  const { caller, newKey } = play;
  const options = wanted.body === undefined ? {} : { body: wanted.body };
  const { status, body } = await caller.call<Operation>(wanted.method, wanted.path, { ...options, key: newKey() });
  if (status !== 202) {
    play.broken.needlessly.push(`${wanted.method} ${wanted.path} for ${stack}: ${status} ${JSON.stringify(body)}`);
    return null;
  }
  const preview = await follow(play, body.id);
  if (preview.status !== "succeeded" || follows === "nothing") return preview;
  if (follows === "up") {
    if (preview.continuedBy !== null) return follow(play, preview.continuedBy);
    play.broken.lost.push(`preview ${preview.id} succeeded, and the up that was asked for was never made`);
    return null;
  }
  const applied = await caller.call<Operation>("POST", `/v1/operations/${preview.id}/apply`, { key: newKey() });
  if (applied.status === 202) return follow(play, applied.body.id);
  play.broken.needlessly.push(`apply of ${preview.id}: ${applied.status} ${JSON.stringify(applied.body)}`);
  return null;
}

async function follow({ caller, seen }: Play, id: string): Promise<Operation> {
  const operation = await caller.ended(id);
  seen.set(id, operation);
  return operation;
}

/** Out of `needs_recovery`: what is in doubt is named, and `recover` settles it. */
async function recover(play: Play, operation: Operation): Promise<boolean> {
  const { platform, caller, newKey, broken } = play;
  // What the CLI has in doubt is in Pulumi's own state.
  if (platform.engine === "sandbox") await lookAtDoubts(play, operation);
  const answer = await caller.call<Operation>("POST", `/v1/operations/${operation.id}/recover`, {
    body: { resolution: "refresh" },
    key: newKey(),
  });
  const settled = answer.status === 202 ? await follow(play, answer.body.id) : null;
  if (settled?.status === "succeeded") return true;
  // Whoever recovered may have died as well: then that operation is the one to recover.
  if (settled?.status === "needs_recovery") return recover(play, settled);
  broken.falsely.push(
    `recover of ${operation.id} ended ${settled?.status ?? answer.status}: ${JSON.stringify(settled?.problem ?? answer.body)}`,
  );
  return false;
}

/** Something is in doubt, and the operation names it. */
async function lookAtDoubts({ platform, broken }: Play, operation: Operation): Promise<void> {
  const pending = await platform.look((client) => pendingOf(client, pulumiStackName(operation.stack)));
  if (pending.length === 0)
    broken.falsely.push(`${operation.kind} ${operation.id} needs recovery, and nothing is in doubt`);
  const said = JSON.stringify(operation.problem);
  const unsaid = pending.filter((urn) => !said.includes(urn.split("::").at(-1) ?? urn));
  if (unsaid.length > 0) broken.falsely.push(`its problem does not name what is in doubt: ${unsaid.join(", ")}`);
}

/** Nothing is left to do: a preview of the same document is all `same`, or the environment is gone. */
async function isDone(play: Play, { check, read, stack, follows }: Workload): Promise<boolean> {
  const { caller, newKey, broken } = play;
  // A look brings nothing up: what a foundation has changed since is still to come, and says so.
  const isOutdated =
    follows === "nothing" && (await caller.call<{ outdated?: boolean }>("GET", read)).body.outdated === true;
  if (check === null) {
    const { body } = await caller.call<{ status: string }>("GET", read);
    if (body.status !== "destroyed") broken.falsely.push(`${stack} was destroyed with success and is ${body.status}`);
    return true;
  }
  const { status, body } = await caller.call<Operation>("POST", check.path, { body: check.body, key: newKey() });
  if (status !== 202) {
    broken.falsely.push(`${stack} is up, and its preview is refused: ${status} ${JSON.stringify(body)}`);
    return true;
  }
  const preview = await follow(play, body.id);
  const moves = preview.steps.filter(({ op }) => op !== "same").map(({ op, urn }) => `${op} ${urn}`);
  if (preview.status !== "succeeded")
    broken.needlessly.push(
      `preview ${preview.status}: ${preview.problem?.code ?? "?"} ${preview.problem?.detail ?? ""}`,
    );
  if (moves.length > 0 && !isOutdated)
    broken.falsely.push(`${stack} is up, and a preview still shows ${moves.join(", ")}`);
  return true;
}

async function lookFromOutside(
  platform: Platform,
  stack: string,
  seen: ReadonlyMap<string, Operation>,
  broken: Broken,
): Promise<void> {
  const { twice, falsely, newest } = await platform.look(async (client) => ({
    twice: await appliedTwice(client),
    falsely: await recordedFalsely(client, platform.engine),
    newest: await client.query<{ id: string; status: string }>(
      "select id, status from gatehouse.operations where stack = $1 order by sequence desc limit 40",
      [stack],
    ),
  }));
  const { rows } = newest;
  broken.twice.push(...twice);
  broken.falsely.push(...falsely);
  const unfinished = rows.filter(({ status }) => status === "queued" || status === "running");
  broken.lost.push(...unfinished.map(({ id, status }) => `operation ${id} is ${status} and nobody works on it`));
  // Only this round's are known here: what is newer than its oldest and unknown was made by a call that was repeated.
  const oldest = rows.findLastIndex(({ id }) => seen.has(id));
  const unknown = rows.slice(0, oldest + 1).filter(({ id }) => !seen.has(id));
  broken.twice.push(...unknown.map(({ id }) => `operation ${id} was accepted, and no answer ever named it`));
  broken.needlessly.push(...platform.pulumi().map((pid) => `process ${pid} of the Pulumi CLI lives, and nothing runs`));
  broken.needlessly.push(...platform.orphans().map((pid) => `runner ${pid} lives on without its service`));
}
