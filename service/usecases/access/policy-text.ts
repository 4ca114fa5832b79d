/** A policy's text as JSON; `null` for what is none, which no policy is. */
export const parsedPolicyText = (text: unknown): unknown => {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
