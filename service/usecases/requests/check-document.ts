import { environmentDocument } from "../../domain/environment-document.ts";
import { foundationDocument } from "../../domain/foundation-document.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Settings } from "../dependencies.ts";
import { checkEnvironment, checkEnvironmentDestroy } from "./environment-singletons.ts";
import { checkFoundation, checkFoundationDestroy } from "./foundation-singletons.ts";

/**
 * What may stand against a document now. A preview claims no names; applying it does, so it is checked as a new request
 * would be, and once more when the apply begins.
 *
 * @throws DomainError as the checks of `environment-singletons.ts` and `foundation-singletons.ts`
 */
export const checkDocument = async (
  tables: Tables,
  stack: StackRow,
  of: "up" | "destroy",
  spec: JsonObject,
  settings: Pick<Settings, "policiesPerRole">,
): Promise<void> => {
  const [, account = "", region = ""] = stack.name.split("/");
  if (stack.kind === "environment") {
    if (of === "up") await checkEnvironment(tables, stack, environmentDocument.parse(spec), settings);
    else await checkEnvironmentDestroy(tables, stack);
  } else if (of === "up") await checkFoundation(tables, stack, foundationDocument.parse(spec));
  else await checkFoundationDestroy(tables, stack, account, region);
};
