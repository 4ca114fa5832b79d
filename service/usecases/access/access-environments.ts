import { environmentDocument, type EnvironmentSpec } from "../../domain/environment-document.ts";
import type { JsonObject } from "../../domain/json.ts";
import { accessEnvironment, type PreparedEnvironment } from "../../../stacks/policies/evaluation/access-environment.ts";

/** Who may reach what by an environment's document, with the very policy that its stack writes. */
export const accessOf = (spec: EnvironmentSpec): PreparedEnvironment =>
  accessEnvironment(spec, { members: spec.group.members.map(({ userName }) => userName), sharedTag: spec.sharedTag });

/** The same of a document that was stored. */
export const accessOfStored = (spec: JsonObject): PreparedEnvironment => accessOf(environmentDocument.parse(spec));
