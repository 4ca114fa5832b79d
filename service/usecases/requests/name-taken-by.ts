import { DomainError } from "../../domain/errors.ts";

/** The refusal of a name that another stack of ours has. */
export const nameTakenBy = (other: string, what: string, name: string, pointer: string): DomainError =>
  new DomainError(
    "name_taken",
    `The ${what} "${name}" belongs to ${other}. Choose another name, or destroy that one first (DELETE /v1/${other.replace(/^(environment|foundation)/, "$1s")}).`,
    { errors: [{ pointer, message: "must not be another environment's" }] },
  );
