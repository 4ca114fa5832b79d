import colors from "picocolors";
import type { Operation } from "../domain/operation.ts";

type Step = Operation["steps"][number];

/** How a step is marked, as Pulumi's own display does. */
const marks: Record<Step["op"], string> = {
  create: colors.green("+"),
  update: colors.yellow("~"),
  replace: colors.magenta("+-"),
  delete: colors.red("-"),
  import: colors.cyan("="),
  same: colors.dim(" "),
};

/** `gatehouse:environment:SessionAccess` for what SessionAccess made; empty for what stands on its own. */
const componentOf = ({ urn }: Step): string => {
  const chain = (urn.split("::")[2] ?? "").split("$");
  return chain.slice(0, -1).at(-1) ?? "";
};

/** `PermissionSet` of `aws:ssoadmin/permissionSet:PermissionSet`. */
const shortType = (type: string): string => type.split(":").at(-1) ?? type;

const shown = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 70 ? `${text.slice(0, 67)}…` : text;
};

const diffLines = ({ op, diff }: Step): string[] =>
  op === "update" || op === "replace" || op === "import"
    ? diff.map(({ path, from, to }) => `${path}: ${shown(from)} → ${shown(to)}`)
    : [];

/**
 * A preview as a tree of its components, one line a resource of AWS. What is unchanged is left out, and so is what only
 * Pulumi has: the stack and its providers.
 *
 * @returns lines without line ends; empty when nothing changes
 */
export const previewTree = (steps: Step[]): string[] => {
  const changed = steps.filter(({ op }) => op !== "same");
  const components = changed.filter(({ type }) => type.startsWith("gatehouse:"));
  const groups = Map.groupBy(
    changed.filter(({ type }) => type.startsWith("aws:")),
    componentOf,
  );
  return [...groups].flatMap(([component, group], index) => {
    const lastGroup = index === groups.size - 1;
    const mark = marks[components.find(({ type }) => type === component)?.op ?? "same"];
    const width = Math.max(...group.map(({ type }) => shortType(type).length));
    return [
      `${lastGroup ? "└─" : "├─"} ${mark} ${colors.bold(shortType(component))}`,
      ...group.flatMap((step, position) => {
        const lastStep = position === group.length - 1;
        const trunk = lastGroup ? "   " : "│  ";
        const retained = step.retain === true ? colors.dim(" (stays in the account)") : "";
        return [
          `${trunk}${lastStep ? "└─" : "├─"} ${marks[step.op]} ${shortType(step.type).padEnd(width)}  ${step.name}${retained}`,
          ...diffLines(step).map((line) => `${trunk}${lastStep ? "   " : "│  "}     ${colors.dim(line)}`),
        ];
      }),
    ];
  });
};

/** `9 to create, 1 to update, 3 unchanged` */
export const changeSummary = (changes: NonNullable<Operation["changes"]>): string => {
  const { same, ...rest } = changes;
  const parts = Object.entries(rest)
    .filter(([, count]) => count > 0)
    .map(([op, count]) => `${count} to ${op}`);
  return [...parts, ...(same > 0 ? [`${same} unchanged`] : [])].join(", ") || "nothing";
};

/** Whether a preview would change anything. */
export const changesAnything = (changes: NonNullable<Operation["changes"]>): boolean =>
  Object.entries(changes).some(([op, count]) => op !== "same" && count > 0);
