import type { Dependencies } from "./dependencies.ts";
import { createReads } from "./read.ts";
import { createSubmissions } from "./submit.ts";
import type { UseCases } from "./usecases.ts";
import { createWait } from "./wait.ts";

/** All that the doors can ask for. */
export const createUseCases = (dependencies: Dependencies): UseCases => ({
  ...createReads(dependencies),
  ...createSubmissions(dependencies),
  waitFor: createWait(dependencies),
});
