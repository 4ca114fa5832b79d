import type { IncomingMessage, ServerResponse } from "node:http";
import { DomainError } from "../domain/errors.ts";
import { parseRequestBody } from "./request-body.ts";

/** The largest body that is read, in bytes. */
const largestBody = 256 * 1024;

const tooLarge = (): DomainError =>
  new DomainError(
    "payload_too_large",
    `The body is larger than ${largestBody} bytes (256 KiB), which no request needs.`,
  );

/**
 * The bytes of a body. One that is too large is refused when it says so, or as soon as it has shown it, and never kept:
 * what still comes is thrown away by Node.
 *
 * @throws DomainError `payload_too_large`
 */
async function readBytes(request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > largestBody) throw tooLarge();
  // The caller asked before sending, and now may.
  if (request.headers.expect !== undefined) response.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= largestBody) {
        chunks.push(chunk);
        return;
      }
      request.off("data", collect);
      request.resume();
      reject(tooLarge());
    };
    request.on("data", collect);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", () => reject(new DomainError("invalid_request", "The body ended before it was complete.")));
  });
}

/**
 * The body as plain data, from JSON or YAML.
 *
 * @param optional whether an empty body stands for `{}`.
 * @throws DomainError `payload_too_large`, `unsupported_media_type`, `invalid_request`
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  optional: boolean,
): Promise<unknown> {
  const bytes = await readBytes(request, response);
  if (optional && bytes.length === 0) return {};
  const result = parseRequestBody(request.headers["content-type"], bytes);
  if (result.ok) return result.value;
  throw new DomainError(result.code, result.detail, result.errors.length === 0 ? {} : { errors: result.errors });
}
