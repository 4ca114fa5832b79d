/**
 * The plugin's process that a service has for all of its runs. Started with `fork`: connections that its owner accepted come
 * over the channel, and it ends when the owner is gone.
 */
import { flushCompileCache } from "node:module";
import { Socket } from "node:net";
import { reachAccount } from "./account.ts";
import type { FromSharedPlugin, ToSharedPlugin } from "./shared-messages.ts";
import { createConfiguration } from "./configuration.ts";
import { serveConnection } from "./server.ts";

/** For all runs at once; each of these is short, or waits for a write of the same account. */
const connections = 8;

/** How long the writes of runs whose service is gone may take to end, as long as a runner child lets its run (`runner/child.ts`). */
const orphanLimitMilliseconds = 10_000;

type Serve = (socket: Socket) => void;

const open = new Set<Socket>();
let serve: Serve | null = null;

const endWhenAlone = (): void => {
  if (!process.connected && open.size === 0) process.exit();
};

function start({ settings }: Extract<ToSharedPlugin, { kind: "start" }>): Serve {
  const providerFor = reachAccount(settings, connections);
  return (socket) => {
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      endWhenAlone();
    });
    serveConnection(socket, providerFor, createConfiguration(settings.home));
  };
}

process.on("message", (message: ToSharedPlugin, handle) => {
  if (message.kind === "start") {
    serve = start(message);
    const ready: FromSharedPlugin = { kind: "ready" };
    process.send?.(ready);
    flushCompileCache();
    return;
  }
  // A connection that was closed on the way comes without its socket.
  if (handle instanceof Socket) serve?.(handle);
});
process.on("disconnect", () => {
  endWhenAlone();
  setTimeout(() => process.exit(1), orphanLimitMilliseconds).unref();
});
// Ctrl-C and a service manager's stop reach the whole group; the service decides what becomes of the runs, and this one ends with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
