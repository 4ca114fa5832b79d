/** The module with the Pulumi programs, loaded by its URL: what a child can run is chosen by whoever starts it. */
import type { JsonObject } from "../../domain/json.ts";

interface ProgramRegistry {
  /** Runs the named program; gives its outputs. */
  runProgram(name: string, json: JsonObject): Promise<Record<string, unknown>>;
  /** Loads the programs and their SDKs. */
  loadPrograms(): Promise<void>;
}

const isRegistry = (value: unknown): value is ProgramRegistry =>
  typeof value === "object" &&
  value !== null &&
  "runProgram" in value &&
  typeof value.runProgram === "function" &&
  "loadPrograms" in value &&
  typeof value.loadPrograms === "function";

/** @throws Error when the module is none, or is no registry */
export async function loadRegistry(url: string): Promise<ProgramRegistry> {
  const registry: unknown = await import(url);
  if (!isRegistry(registry)) throw new Error(`${url} does not export runProgram and loadPrograms.`);
  await registry.loadPrograms();
  return registry;
}
