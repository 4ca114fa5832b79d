import type { Complaint, Compiled, PolicyProblem } from "./problem.ts";

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One value where JSON allows one or a list: always a list. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** JSON Pointer of a member. Source: RFC 6901. */
export const below = (pointer: string, member: string | number): string =>
  `${pointer}/${String(member).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Collects what is wrong while a policy is parsed, so that all of it is reported at once. */
export interface Complaints {
  policy: string;
  problems: PolicyProblem[];
}

export const complain = (complaints: Complaints, pointer: string, complaint: Complaint): void => {
  complaints.problems.push({ ...complaint, policy: complaints.policy, pointer });
};

/** The value alone in a list, or an empty list and a problem noted. */
export const accept = <Value>(complaints: Complaints, pointer: string, compiled: Compiled<Value>): Value[] => {
  if ("value" in compiled) return [compiled.value];
  complain(complaints, pointer, compiled.complaint);
  return [];
};
