/** Tables on standard output, as Markdown: docs/benchmarks.md is made of them. */
import { stdout } from "node:process";

export const line = (text = ""): void => void stdout.write(`${text}\n`);

/** Prints a table; numbers are aligned to the right. */
export function table(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? "").length)));
  const right = head.map((_, column) => column > 0);
  const shown = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (right[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    right[column] === true ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  line(`### ${title}`);
  line();
  const [first = [], ...others] = cells;
  line(shown(first));
  line(shown(rule));
  others.forEach((row) => line(shown(row)));
  line();
}

/** Milliseconds with one decimal. */
export const milliseconds = (value: number): string => value.toFixed(1);
