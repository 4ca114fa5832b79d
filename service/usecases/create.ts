import { createAccessReads } from "./requests/access-reads.ts";
import { createCancel } from "./requests/cancel.ts";
import type { Dependencies } from "./dependencies.ts";
import { createLooks } from "./requests/drift.ts";
import { createEventReads } from "./requests/events-follow.ts";
import { createNodeReads } from "./access/nodes.ts";
import { createReads } from "./operations/read.ts";
import { createRecover } from "./requests/recover.ts";
import { createSubmissions } from "./requests/submit.ts";
import type { UseCases } from "./usecases.ts";
import { createVerify } from "./requests/verification.ts";
import { createWait } from "./requests/wait.ts";

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
