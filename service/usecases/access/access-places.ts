import type { AccessPlace } from "../../domain/access.ts";

/**
 * Lines of the evaluator that differ in the place of the node only, as one with all their places: fifty targets do not make a hundred times as
 * much to read.
 *
 * @param present what else of the line is shown.
 */
export const gathered = <Line extends AccessPlace, Shown extends object>(
  lines: readonly Line[],
  present: (line: Omit<Line, keyof AccessPlace>) => Shown,
): (Shown & { places: AccessPlace[] })[] => {
  const found = new Map<string, Shown & { places: AccessPlace[] }>();
  for (const { nodeKind, account, region, ...rest } of lines) {
    const place = { nodeKind, account, region };
    const identity = JSON.stringify(rest);
    const same = found.get(identity);
    if (same === undefined) found.set(identity, { ...present(rest), places: [place] });
    else same.places.push(place);
  }
  return [...found.values()];
};
