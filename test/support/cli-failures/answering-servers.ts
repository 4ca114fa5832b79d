/** Servers on this machine that answer whatever they are asked with one thing: stand-ins for services that are not here. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";

export interface AnsweringServer {
  port: number;
  url: string;
  close: () => Promise<void>;
}

const listen = (server: Server, scheme: string): Promise<AnsweringServer> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const close = (): Promise<void> => new Promise((closed) => void server.close(() => closed()));
      resolve({ port, url: `${scheme}://127.0.0.1:${port}`, close });
    });
  });

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

export const answerHttp = ({ status, headers = {}, body }: HttpAnswer): Promise<AnsweringServer> => {
  const server = createServer((_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { ...headers, connection: "close" });
    response.end(body);
  });
  return listen(server, "http");
};

/**
 * Refuses every start-up of a PostgreSQL session with an error; TLS is not offered. Messages: PostgreSQL manual, "Message
 * Formats" (SSLRequest 80877103, ErrorResponse `E`).
 */
export const answerPostgres = (sqlState: string, message: string): Promise<AnsweringServer> => {
  const fields = [`SFATAL`, `VFATAL`, `C${sqlState}`, `M${message}`].map((field) => `${field}\0`).join("");
  const body = Buffer.from(`${fields}\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  const server = createSocketServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      const asksForTls = data.length === 8 && data.readInt32BE(4) === 80_877_103;
      if (asksForTls) socket.write("N");
      else socket.end(Buffer.concat([head, body]));
    });
  });
  return listen(server, "postgres");
};

/** A port on which nobody listens. */
export const closedPort = async (): Promise<number> => {
  const { port, close } = await answerHttp({ status: 200, body: "" });
  await close();
  return port;
};
