/**
 * The parts of the Pulumi SDK's run state that its types leave out: a store of one run's own, so that what one run leaves
 * behind does not touch the next. The SDK's own inline programs are run in the same way (`automation/server`).
 */
import { createRequire } from "node:module";

/** The engine's end of the SDK: it takes log lines. */
export interface EngineClient {
  log(request: unknown, callback: () => void): void;
  setRootResource(request: unknown, callback: (error: null, response: object) => void): void;
  close(): void;
}

interface RunStore {
  settings: { engine?: EngineClient };
  /** What the SDK is preparing to register. */
  pendingResourceRegistrations: Map<unknown, unknown>;
}

interface SdkState {
  withLocalStorage<Result>(work: () => Promise<Result>): Promise<Result>;
  getStore(): RunStore;
}

const isSdkState = (value: unknown): value is SdkState =>
  typeof value === "object" && value !== null && "withLocalStorage" in value && "getStore" in value;

function loadSdkState(): SdkState {
  const state: unknown = createRequire(import.meta.url)("@pulumi/pulumi/runtime/state.js");
  if (isSdkState(state)) return state;
  throw new Error("This version of @pulumi/pulumi keeps its run state elsewhere: pin the one in package.json.");
}

/** The SDK's own, loaded once a process. */
export const sdkState = loadSdkState();
