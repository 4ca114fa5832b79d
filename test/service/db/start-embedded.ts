/** Starts the embedded database of a directory, takes the directory, says so, and stays until it is killed. */
import { takeDataDirectory } from "../../../service/db/data-directory.ts";
import { startEmbeddedDatabase } from "../../../service/db/embedded.ts";

const directory = takeDataDirectory(process.argv[2] ?? "");
const { url, server } = await startEmbeddedDatabase(directory.path);
process.stdout.write(`${JSON.stringify({ url, pid: server.pid, takenUp: server.takenUp })}\n`);
process.stdin.resume();
