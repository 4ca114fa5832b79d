import { createAccessReads } from "./access-reads.ts";
import { createCancel } from "./cancel.ts";
import type { Dependencies } from "./dependencies.ts";
import { createLooks } from "./drift.ts";
import { createEventReads } from "./events-follow.ts";
import { createNodeReads } from "./nodes.ts";
import { createReads } from "./read.ts";
import { createRecover } from "./recover.ts";
import { createSubmissions } from "./submit.ts";
import type { UseCases } from "./usecases.ts";
import { createVerify } from "./verification.ts";
import { createWait } from "./wait.ts";

/** All that the doors can ask for. */
export const createUseCases = (dependencies: Dependencies): UseCases => ({
  ...createReads(dependencies),
  ...createAccessReads(dependencies),
  ...createNodeReads(dependencies),
  verifyEnvironment: createVerify(dependencies),
  ...createEventReads(dependencies),
  ...createSubmissions(dependencies),
  ...createLooks(dependencies),
  cancel: createCancel(dependencies),
  recover: createRecover(dependencies),
  waitFor: createWait(dependencies),
});
