/**
 * The readers of `sse.ts`, in a process of their own so that its memory is not counted with the service's. Says "connected"
 * when all have asked, and at the end how many events each of those that read was given.
 */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";

export interface Readers {
  url: string;
  key: string;
  reading: number;
  silent: number;
}

const headers = (key: string) => ({ Authorization: `Bearer ${key}` });

/** Counts events, and holds them to their order. */
async function count(response: IncomingMessage): Promise<number> {
  let seen = 0;
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("id: ")) continue;
      seen += 1;
      if (line !== `id: ${seen}`) throw new Error(`${line} came where ${seen} was due`);
    }
  }
  return seen;
}

async function answerOf(url: string, key: string): Promise<IncomingMessage> {
  const asked = get(url, { headers: headers(key), agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve);
    asked.once("error", reject);
  });
  if (response.statusCode !== 200) throw new Error(`a reader was answered with ${response.statusCode ?? "nothing"}`);
  return response;
}

/** Asks, and takes nothing from the socket. */
async function stayAway(url: URL, key: string): Promise<void> {
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => socket.destroy());
  socket.pause();
  await once(socket, "connect");
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${key}\r\n\r\n`);
}

async function read({ url, key, reading, silent }: Readers): Promise<void> {
  await Promise.all(Array.from({ length: silent }, () => stayAway(new URL(url), key)));
  const responses = await Promise.all(Array.from({ length: reading }, () => answerOf(url, key)));
  process.send?.("connected");
  process.send?.(await Promise.all(responses.map(count)));
}

const [given] = process.argv.slice(2);
await read(JSON.parse(given ?? "{}") as Readers);
process.disconnect();
process.exit();
