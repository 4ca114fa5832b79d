/** What the steps of a verification share. */
import type { AccessReader } from "../../cloud/access-reader.ts";
import type { CloudReader } from "../../cloud/reader.ts";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import type { VerificationFinding } from "../../domain/verification.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { EnvironmentArguments } from "../../../stacks/arguments.ts";

/** What is verified, and by what it is asked. */
export interface VerificationContext {
  accessReader: AccessReader;
  reader: CloudReader;
  tables: Pick<Tables, "environmentTags" | "knownNodes" | "stacks">;
  /** As it is when the verification runs, with something applied. */
  stack: StackRow;
  /** The document that was applied. */
  spec: EnvironmentSpec;
  /** What it resolved to. */
  resolved: EnvironmentArguments;
  /** Of the stack's outputs. */
  groupId: string;
  permissionSetArn: string;
  now: Date;
}

/** What a step gives: a sentence about what was looked at, and what is not as it should be. */
export interface StepResult {
  message: string;
  findings: VerificationFinding[];
}

/** Looks at one thing. @throws CloudReadError */
export type StepOfVerification = (context: VerificationContext) => Promise<StepResult>;

/** `1 node`, `2 nodes`: the plural where it is not the word and an s. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Something is not as it was approved. */
export const failed = (subject: string, message: string, toDo: string): VerificationFinding => ({
  outcome: "failed",
  subject,
  message,
  toDo,
});

/** Nobody can tell yet. */
export const notYet = (subject: string, message: string, toDo: string): VerificationFinding => ({
  outcome: "not_yet_possible",
  subject,
  message,
  toDo,
});

/** How what somebody changed outside is put back. */
export const putBack = ({ name }: EnvironmentSpec): string =>
  `Post the environment's spec again with "refresh": true and "action": "up": POST /v1/environment-requests puts back what was approved for ${name}. If the change is wanted, put it into the document instead.`;
