/** The longest wait that a caller is given, in seconds. */
const longestWait = 60;

/**
 * Seconds of `Prefer: wait=N` (RFC 7240, section 4.3), at most `longestWait`. Null when it is not asked for: preferences
 * that cannot be heeded are passed over, as the RFC wants.
 */
export function preferredWait(header: string | undefined): number | null {
  for (const preference of (header ?? "").split(/[,;]/)) {
    const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/i.exec(preference.trim())?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), longestWait);
  }
  return null;
}
