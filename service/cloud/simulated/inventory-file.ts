import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { inventory, putInventory, type Inventory } from "./inventory.ts";
import { referenceInventory } from "./reference-inventory.ts";
import type { SimulatedAccount } from "./simulated-account.ts";

/** The file cannot be used. The message has a line for each mistake, and names the file. */
export class InventoryError extends Error {
  constructor(path: string, mistakes: readonly string[]) {
    super(mistakes.map((mistake) => `GATEHOUSE_SIMULATED_INVENTORY, ${path}: ${mistake}`).join("\n"));
    this.name = "InventoryError";
  }
}

/** Mistakes that are shown; a file may have thousands. */
const mostMistakes = 20;

const read = async (path: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new InventoryError(path, [`it cannot be read (${error instanceof Error ? error.message : String(error)}).`]);
  }
};

const parse = (path: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InventoryError(path, [`it is no JSON (${error instanceof Error ? error.message : String(error)}).`]);
  }
};

/**
 * Reads the nodes and sessions that a file adds to the simulated account, with a name that only this content has.
 *
 * @throws InventoryError
 */
const readInventory = async (path: string): Promise<{ name: string; added: Inventory }> => {
  const text = await read(path);
  const result = inventory.safeParse(parse(path, text));
  if (result.success) return { name: `file ${createHash("sha256").update(text).digest("hex")}`, added: result.data };
  const { issues } = result.error;
  const more = issues.length > mostMistakes ? [`and ${issues.length - mostMistakes} mistakes more.`] : [];
  throw new InventoryError(path, [
    ...issues.slice(0, mostMistakes).map((issue) => `/${issue.path.map(String).join("/")}: ${issue.message}.`),
    ...more,
  ]);
};

/**
 * Puts what the simulated account begins with, and what a file adds, into it: each once.
 *
 * @throws InventoryError
 */
export const putInventories = async (
  account: Pick<SimulatedAccount, "pool" | "now">,
  path: string | null,
): Promise<void> => {
  const file = path === null ? null : await readInventory(path);
  await putInventory(account, "the AWS guide", referenceInventory(account.now()));
  if (file !== null) await putInventory(account, file.name, file.added);
};
