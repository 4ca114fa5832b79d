import { invalidRequest } from "../../domain/errors.ts";
import { nextChange } from "../change-feed.ts";
import type { Dependencies } from "../dependencies.ts";
import { notFound } from "../operations/not-found.ts";
import { shareReads } from "./shared-reads.ts";
import type { UseCases } from "../usecases.ts";

/** How often a reader looks at the table without a hint, in milliseconds: hints can be lost. */
const lookAgain = 5_000;

/** Events of a page: what a reader that does not read holds in memory, and as little as fills a socket. */
const pageSize = 100;

/** Connections of the pool that readers of events take between them. */
const readsAtOnce = 3;

/** Reading and following the events of operations. However slow a reader is, what it has not taken yet stays in the table. */
export const createEventReads = ({ store, feed }: Dependencies): Pick<UseCases, "readEvents" | "followEvents"> => {
  const shared = shareReads<Awaited<ReturnType<typeof store.events.page>>>(readsAtOnce);

  const readEvents: UseCases["readEvents"] = async (operationId, after) => {
    const page = await shared(`${operationId} ${after}`, () => store.events.page(operationId, after, pageSize));
    if (page === null) throw notFound(`operation ${operationId}`);
    if (after > page.lastEvent)
      throw invalidRequest([
        {
          pointer: "/Last-Event-ID",
          message: `must be the number of an event that this operation had: there are ${page.lastEvent} yet`,
        },
      ]);
    return { events: page.events, over: page.over };
  };

  return {
    readEvents,

    async *followEvents(operationId, after, signal) {
      const gone = () => signal.aborted;
      for (let seen = after; !gone();) {
        // Listening before looking: a change in between is not missed.
        const round = new AbortController();
        const change = nextChange(feed, operationId, lookAgain, AbortSignal.any([signal, round.signal]));
        const page = await readEvents(operationId, seen).catch(async (error: unknown) => {
          round.abort();
          await change;
          throw error;
        });
        if (page.events.length === 0 && !page.over) {
          if (!(await change) && !gone()) yield page;
          continue;
        }
        round.abort();
        await change;
        yield page;
        if (page.over) return;
        seen = page.events.at(-1)?.number ?? seen;
      }
    },
  };
};
