import { at } from "./findings.ts";
import type { Finding } from "./findings.ts";

/** `adoptChanges` says of what `adopt` lists that it may be changed; of anything else it would mean nothing. */
export const changesOnlyAdopted = (document: unknown): Finding[] => {
  const adopt: unknown = at(document, "adopt");
  const changes: unknown = at(document, "adoptChanges");
  const adopted: unknown[] = Array.isArray(adopt) ? adopt : [];
  return (Array.isArray(changes) ? changes : []).flatMap((kind: unknown, index) =>
    adopted.includes(kind)
      ? []
      : [{ path: ["adoptChanges", index], message: "must be in adopt too: only what is taken over can be changed" }],
  );
};
