import type { Response } from "express";

/** Answers are data for programs: no sniffing, framing, caching or referring. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/**
 * Sends JSON, or the text that the body is where a media type is named; without a body nothing but the headers.
 * `headers` may name another content type. Nothing is sent twice, and nothing to a caller who went away.
 * Not Express's own `json`, which adds an ETag of the text: ours is the revision.
 */
export function respond(
  response: Response,
  answer: { status: number; headers?: Record<string, string>; body: unknown; mediaType?: string },
): void {
  if (response.headersSent || response.destroyed) return;
  const { body, mediaType } = answer;
  if (body === undefined) {
    response.writeHead(answer.status, answer.headers);
    response.end();
    return;
  }
  const text = Buffer.from(mediaType !== undefined && typeof body === "string" ? body : JSON.stringify(body));
  response.writeHead(answer.status, {
    "Content-Type": mediaType ?? "application/json; charset=utf-8",
    "Content-Length": text.length,
    ...answer.headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : text);
}
