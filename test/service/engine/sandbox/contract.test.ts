import { randomUUID } from "node:crypto";
import { createSandboxEngine } from "../../../../service/engine/sandbox/create.ts";
import { createTestDatabase } from "../../../support/database.ts";
import { describeEngineContract } from "../../../support/engine-contract/contract.ts";
import { scope, testPrograms } from "../../../support/engine.ts";

describeEngineContract("sandbox", async () => {
  const database = await createTestDatabase();
  const engine = createSandboxEngine({
    databaseUrl: database.url,
    children: 2,
    identityCenter: scope,
    digestKey: randomUUID(),
    onTrouble: () => undefined,
    programs: testPrograms,
  });
  return {
    engine,
    pool: database.pool,
    close: async () => {
      await engine.close();
      await database.drop();
    },
  };
});
