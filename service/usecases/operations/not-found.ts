import { DomainError } from "../../domain/errors.ts";

/** The refusal of a question about something that is not there, such as `operation 0198…`. */
export const notFound = (what: string): DomainError => new DomainError("not_found", `There is no ${what}.`);

/** The same of a stack (`environment/production`). */
export const stackNotFound = (stack: string): DomainError => notFound(stack.replace("/", " "));
