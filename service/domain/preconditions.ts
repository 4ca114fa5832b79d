/**
 * Conditional requests (RFC 9110, section 13) on environments and foundations, whose entity tag is the revision: `"3"`.
 */
interface EntityTag {
  /** Without its quotes. */
  value: string;
  /** `W/"3"`: equal in what matters to somebody; never good enough to change something by. */
  weak: boolean;
}

/** What a header lists; `any` is its `*`. */
export type EntityTags = "any" | readonly EntityTag[];

export interface Preconditions {
  ifMatch: EntityTags | null;
  ifNoneMatch: EntityTags | null;
}

export const noPreconditions: Preconditions = { ifMatch: null, ifNoneMatch: null };

/** The entity tag of a revision, as the headers write it. */
export const revisionTag = (revision: number): string => `"${revision}"`;

const listed = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The header's text as tags; `null` when it is neither `*` nor a list of quoted tags (RFC 9110, section 8.8.3). */
export const parseEntityTags = (header: string): EntityTags | null => {
  if (header.trim() === "*") return "any";
  const texts = header.match(/(?:[^",]|"[^"]*")+/g)?.map((text) => text.trim()) ?? [];
  const tags = texts.filter((text) => text !== "");
  if (tags.length === 0 || !tags.every((tag) => listed.test(tag))) return null;
  return tags.map((tag) => ({ value: tag.replace(/^(?:W\/)?"|"$/g, ""), weak: tag.startsWith("W/") }));
};

/** A stack as preconditions see it. */
interface Conditional {
  revision: number;
  /** Whether it holds something: a spec, or resources. A name that was only ever previewed does not exist yet. */
  exists: boolean;
}

const names = (tags: readonly EntityTag[], revision: number, comparison: "strong" | "weak"): boolean =>
  tags.some(({ value, weak }) => value === String(revision) && (comparison === "weak" || !weak));

/**
 * Whether a reader has this revision already: the weak comparison of RFC 9110, section 13.1.2. `*` is answered as what is
 * there is shown, so it matches.
 */
export const isKnown = (ifNoneMatch: EntityTags | null, revision: number): boolean =>
  ifNoneMatch !== null && (ifNoneMatch === "any" || names(ifNoneMatch, revision, "weak"));

/**
 * Why the preconditions do not hold: the header that speaks against it; `null` when they hold.
 *
 * @param stack `null`: nobody ever named it.
 */
export const failedPrecondition = (
  { ifMatch, ifNoneMatch }: Preconditions,
  stack: Conditional | null,
): "If-Match" | "If-None-Match" | null => {
  if (ifMatch !== null) {
    const holds =
      ifMatch === "any" ? stack?.exists === true : stack !== null && names(ifMatch, stack.revision, "strong");
    if (!holds) return "If-Match";
  }
  if (ifNoneMatch !== null) {
    const present =
      ifNoneMatch === "any" ? stack?.exists === true : stack !== null && isKnown(ifNoneMatch, stack.revision);
    if (present) return "If-None-Match";
  }
  return null;
};

/**
 * Whether the work is meant for the present revision only, so that it must still be that one when it is applied: a caller
 * who names a revision, or who creates. `If-Match: *` wants any.
 */
export const bindsRevision = ({ ifMatch, ifNoneMatch }: Preconditions): boolean =>
  (ifMatch !== null && ifMatch !== "any") || ifNoneMatch === "any";
