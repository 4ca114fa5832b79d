import { errorCode } from "../error-code.ts";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { once } from "node:events";

export interface Listening {
  /** Where it listens: `http://127.0.0.1:8080`. */
  url: string;
  /** Takes no more connections, and resolves when those that were being answered are; slow ones are cut after some seconds. */
  close: () => Promise<void>;
}

/** An address could not be listened on: the message is the sentence to show. */
export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ListenError";
  }
}

/** What the operating system says, and what a person can do about it. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "something listens there already (another Gatehouse?). Set PORT to another",
  EACCES: "this user may not listen there. Set PORT to 1024 or above",
  EADDRNOTAVAIL: "it is no address of this machine. Set HOST to one that is",
  ENOTFOUND: "the host name is not known. Set HOST to an address of this machine",
};

/** A caller has this long to send its request: slow ones would hold connections open for ever. */
const requestLimitMilliseconds = 30_000;

/** At a stop, calls that are being answered have this long to end. */
const closeLimitMilliseconds = 5_000;

/** Listens on an address; port 0 takes a free one. @throws ListenError */
export async function listen(application: RequestListener, host: string, port: number): Promise<Listening> {
  const server = createServer({ requestTimeout: requestLimitMilliseconds }, application);
  const answering = new Set<ServerResponse>();
  const remember: RequestListener = (_request, response) => {
    answering.add(response);
    response.once("close", () => answering.delete(response));
  };
  server.on("request", remember);
  server.on("checkContinue", remember);
  // The body reader says "continue" itself, after looking at the length that was announced.
  server.on("checkContinue", application);
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const code = errorCode(error) ?? "no reason given";
    throw new ListenError(`Cannot listen on ${host}:${port}: ${reasons[code] ?? code}.`, { cause: error });
  }
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${listening}`,
    close: async () => {
      const closed = once(server, "close");
      // Node closes what is idle now; what becomes idle later would be kept for the caller's next call.
      for (const response of answering) response.once("close", () => setImmediate(() => server.closeIdleConnections()));
      server.close();
      server.closeIdleConnections();
      const limit = setTimeout(() => server.closeAllConnections(), closeLimitMilliseconds);
      await closed;
      clearTimeout(limit);
    },
  };
}
