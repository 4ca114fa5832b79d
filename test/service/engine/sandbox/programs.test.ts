/** The product's programs in the sandbox, held to what the CLI was recorded with. */
import { randomUUID } from "node:crypto";
import { createSandboxEngine } from "../../../../service/engine/sandbox/create.ts";
import { createTestDatabase } from "../../../support/database.ts";
import { describeEngineContract } from "../../../support/engine-contract/contract.ts";
import { castOf } from "../../../support/engine-contract/recorded/lives.ts";

describeEngineContract(
  "sandbox",
  async () => {
    const database = await createTestDatabase();
    const { programs, home } = castOf.product;
    const engine = createSandboxEngine({
      databaseUrl: database.url,
      children: 1,
      identityCenter: home,
      digestKey: randomUUID(),
      onTrouble: () => undefined,
      programs: { programs, warmUp: [] },
    });
    return {
      engine,
      pool: database.pool,
      identityCenter: home,
      close: async () => {
        await engine.close();
        await database.drop();
      },
    };
  },
  ["programs"],
);
