/** A reader of server-sent events, written from the standard and not from the sender. */
import type { OperationEvent } from "../../../service/domain/operation-event.ts";

export interface ReadStream {
  events: OperationEvent[];
  /** The `id` lines. */
  ids: string[];
  comments: string[];
  retry: string | null;
}

/** Fields of a stream's text; `event` must be the type in the data. */
export function parseStream(text: string): ReadStream {
  const read: ReadStream = { events: [], ids: [], comments: [], retry: null };
  for (const block of text.split("\n\n").filter((part) => part !== "")) {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([a-z]*): ?(.*)$/s.exec(line) ?? [];
      if (fields.has(name)) throw new Error(`two lines of ${name} in one event`);
      fields.set(name, value);
    }
    if (fields.has("")) read.comments.push(fields.get("") ?? "");
    if (fields.has("retry")) read.retry = fields.get("retry") ?? null;
    const data = fields.get("data");
    if (data === undefined) continue;
    const event = JSON.parse(data) as OperationEvent;
    if (fields.get("event") !== event.type) throw new Error(`event is ${fields.get("event")}, not ${event.type}`);
    read.events.push(event);
    read.ids.push(fields.get("id") ?? "");
  }
  return read;
}
