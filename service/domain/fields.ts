import { z } from "zod";

/**
 * Building blocks of the request documents. Every message says what is allowed and never repeats what was given: a value
 * may be a secret, or megabytes long.
 */

interface Complaint {
  code?: string | undefined;
  input?: unknown;
}

/** `is required: …` for a field that is missing, `must be …` for any other fault. */
const expected = (allowed: string) => (complaint: Complaint) =>
  complaint.input === undefined ? `is required: ${allowed}` : `must be ${allowed}`;

/** An object that takes exactly these fields; the message of an unknown one lists them. */
export const fields = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const names = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (complaint) =>
      complaint.code === "unrecognized_keys"
        ? `is not a field here; the fields are ${names}`
        : expected(`an object with the fields ${names}`)(complaint),
  });
};

interface TextRule {
  /** Completes "must be …". */
  allowed: string;
  /** Characters, 1 unless told. */
  min?: number;
  max: number;
  pattern: RegExp;
}

/** A string of a length and a pattern, with one message for every fault. */
export const text = ({ allowed, min = 1, max, pattern }: TextRule) => {
  const error = expected(allowed);
  // A text that is too long is not matched against the pattern: some patterns take quadratic time.
  return z.string({ error }).min(min, { error }).max(max, { error, abort: true }).regex(pattern, { error });
};

/** One of a list of words. */
export const choice = <const Options extends readonly [string, ...string[]]>(options: Options) =>
  z.enum(options, { error: expected(`one of ${options.map((option) => `"${option}"`).join(", ")}`) });

/** `true` or `false`, not the words in quotes. */
export const flag = () => z.boolean({ error: expected("true or false") });

/** A whole number between two others, both allowed. */
export const wholeNumber = (least: number, most: number, unit: string) => {
  const error = expected(`a whole number of ${unit} from ${least} to ${most}`);
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** A list of between `least` and `most` items. */
export const list = <Item extends z.ZodType>(item: Item, what: string, most: number, least = 0) => {
  const error = expected(`a list of ${least === 0 ? `at most ${most}` : `${least} to ${most}`} ${what}`);
  return z.array(item, { error }).min(least, { error }).max(most, { error });
};

/** Keys with values, both by a rule. */
export const dictionary = <Key extends z.ZodType<string, string>, Value extends z.ZodType>(
  key: Key,
  value: Value,
  allowed: string,
) =>
  z.record(key, value, {
    error: (complaint) =>
      complaint.code === "invalid_key"
        ? `has a key that is not allowed; it must be ${allowed}`
        : expected(allowed)(complaint),
  });

/**
 * Text for people, in any script. Emoji and right-to-left letters are welcome; control characters and the invisible marks
 * that turn the direction of writing are not, since an approver would read something else than what is applied.
 */
export const freeText = (most: number, least = 0) =>
  text({
    allowed: `a text of ${least} to ${most} characters on one line, without control characters or direction marks`,
    min: least,
    max: most,
    pattern: /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u,
  });
