/**
 * What is known of a request: condition keys without case, as IAM compares them, and their values with case. A key that is
 * not there is absent from the request; one that `isUnknown` names may be there, with a value that nobody can tell beforehand
 * (the caller's address, the time), and a condition on it cannot be decided.
 * Source: IAM User Guide, "The request context" and "IAM JSON policy elements: Condition".
 */
export interface RequestContext {
  values: ReadonlyMap<string, readonly string[]>;
  /** Given a key in lower case. */
  isUnknown: (key: string) => boolean;
}

/**
 * One question to IAM. `resource` is an ARN, or `*` for an action without resource types; `null` where nobody said which: a
 * statement on everything covers it, and whether any other does cannot be told.
 */
export interface AccessRequest {
  action: string;
  resource: string | null;
  context: RequestContext;
}

/** Values by condition key: one, or the several of a multivalued key. */
export type ContextValues = Record<string, string | readonly string[]>;

const everythingKnown = (): boolean => false;

/**
 * Keys that differ only in case are one key with several values: so a node that carries both `project` and `Project` has no
 * single `ssm:resourceTag/project`, and a condition on it cannot be decided. An empty list is an absent key.
 */
export const requestContext = (
  values: ContextValues,
  isUnknown: (key: string) => boolean = everythingKnown,
): RequestContext => {
  const merged = new Map<string, readonly string[]>();
  for (const [key, given] of Object.entries(values)) {
    const list = typeof given === "string" ? [given] : given;
    const name = key.toLowerCase();
    const others = merged.get(name);
    if (list.length > 0) merged.set(name, others === undefined ? list : [...others, ...list]);
  }
  return { values: merged, isUnknown };
};

/** Values of a key, `[]` when the request does not have it, `null` when nobody can tell. */
export const valuesOf = (context: RequestContext, key: string): readonly string[] | null =>
  context.values.get(key) ?? (context.isUnknown(key) ? null : []);
