import { randomUUID } from "node:crypto";
import type { Engine } from "../../../../service/engine/engine.ts";
import { createSandboxEngine } from "../../../../service/engine/sandbox/create.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { describeEngineContract } from "../../../support/engine-contract/contract.ts";
import { scope, testPrograms } from "../../../support/engine.ts";

let database: TestDatabase | undefined;
let engine: Engine | undefined;

describeEngineContract("sandbox", async () => {
  database = await createTestDatabase();
  engine = createSandboxEngine({
    databaseUrl: database.url,
    children: 2,
    identityCenter: scope,
    digestKey: randomUUID(),
    onTrouble: () => undefined,
    programs: testPrograms,
  });
  return { engine, pool: database.pool };
});

afterAll(async () => {
  await engine?.close();
  await database?.drop();
});
