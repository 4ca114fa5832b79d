/** `GET /v1/operations/{id}/events`: what happens to an operation, live and replayed. See docs/events.md. */
import { operationEvent } from "../domain/operation-event.ts";
import { operationParameters } from "./parameters.ts";
import { nothing, route } from "./route.ts";

export const eventRoute = route(
  {
    method: "get",
    path: "/v1/operations/{id}/events",
    access: "reader",
    operationId: "followOperation",
    summary: "Events of an operation, as server-sent events: those that were, then those that come, until it has ended",
    takesBody: "no",
    waits: false,
    streams: true,
    answers: {
      200: {
        description: "`id` is the event's number, `event` its type, `data` this document on one line.",
        schema: operationEvent,
        mediaType: "text/event-stream",
      },
      204: {
        description: "Nothing more comes: the operation has ended, and you have its last event. Do not come back.",
      },
    },
  },
  { ...nothing, parameters: operationParameters },
  async ({ useCases, parameters: { id }, resumeAfter }) => {
    // Looked at before the stream begins: from then on there is no other answer.
    const { events, over } = await useCases.readEvents(id, resumeAfter);
    // Browsers come back to a stream that ends, unless they are told this (HTML standard, 9.2.3).
    if (over && events.length === 0) return { status: 204, body: undefined };
    const follow = (after: number, signal: AbortSignal) => useCases.followEvents(id, after, signal);
    return { status: 200, body: undefined, events: { after: resumeAfter, follow } };
  },
);
