/**
 * A local server that speaks the wire protocols of AWS's APIs: JSON 1.1 (X-Amz-Target), query with XML (STS, IAM, EC2) and
 * REST with XML (S3). Answers are written by tests in the shapes of the API references; requests are kept.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface AwsRequest {
  /** As SDKs name it: `ListInstances`; for S3 `ListBuckets`, `HeadBucket` and `ListObjectsV2`. */
  operation: string;
  /** From the signature. */
  service: string;
  region: string;
  accessKeyId: string;
  /** Parsed body, or parameters. */
  input: Record<string, unknown>;
}

/** Text: XML as it is. Anything else: JSON. */
export type AwsAnswer =
  { body: string | object; status?: number } | { error: string; message?: string; status?: number };

export interface AwsServer {
  url: string;
  requests: AwsRequest[];
  /** Sets the answers of an operation, in turn; the last is given from then on. */
  on(operation: string, ...answers: (AwsAnswer | ((request: AwsRequest) => AwsAnswer))[]): void;
  /** The operations that were asked for, in order. */
  operations(): string[];
  clear(): void;
  close(): Promise<void>;
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
};

const restOperation = (method: string | undefined, path: string): string => {
  if (path === "/") return "ListBuckets";
  const parts = path.split("/").filter((part) => part !== "");
  if (method === "GET" && parts.length === 1) return "ListObjectsV2";
  return method === "HEAD" ? "HeadBucket" : `${method ?? ""} ${path}`;
};

const parse = async (request: IncomingMessage): Promise<AwsRequest & { json: boolean }> => {
  const authorization = request.headers.authorization ?? "";
  const [, accessKeyId = "", region = "", service = ""] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization) ?? [];
  const body = await readBody(request);
  const target = request.headers["x-amz-target"];
  const signed = { accessKeyId, region, service };
  if (typeof target === "string") {
    const input = JSON.parse(body === "" ? "{}" : body) as Record<string, unknown>;
    return { ...signed, operation: target.split(".").at(-1) ?? "", input, json: true };
  }
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://aws");
  const parameters = Object.fromEntries(new URLSearchParams(body));
  if (parameters["Action"] !== undefined)
    return { ...signed, operation: parameters["Action"], input: parameters, json: false };
  const input = { path: pathname, ...Object.fromEntries(searchParams) };
  return { ...signed, operation: restOperation(request.method, pathname), input, json: false };
};

/** An error as the protocol of the service writes it. */
const errorBody = ({ service, json }: { service: string; json: boolean }, code: string, message: string): string => {
  if (json) return JSON.stringify({ __type: code, message, Message: message });
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  if (service === "s3") return `<?xml version="1.0"?>${error}`;
  if (service === "ec2") return `<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`;
  return `<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`;
};

const write = (response: ServerResponse, request: AwsRequest & { json: boolean }, answer: AwsAnswer): void => {
  const status = answer.status ?? ("error" in answer ? 400 : 200);
  const type = request.json ? "application/x-amz-json-1.1" : "text/xml";
  response.writeHead(status, { "Content-Type": type, "x-amzn-RequestId": "00000000-0000-4000-8000-000000000000" });
  if ("error" in answer) response.end(errorBody(request, answer.error, answer.message ?? ""));
  else response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
};

export const startAwsServer = async (): Promise<AwsServer> => {
  const requests: AwsRequest[] = [];
  const answers = new Map<string, (AwsAnswer | ((request: AwsRequest) => AwsAnswer))[]>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parsed = await parse(request);
    const { json: _json, ...kept } = parsed;
    requests.push(kept);
    const left = answers.get(parsed.operation) ?? [];
    const next = left.length > 1 ? left.shift() : left[0];
    const given = next ?? { error: "UnknownOperationException", message: `nothing is set for ${parsed.operation}` };
    write(response, parsed, typeof given === "function" ? given(kept) : given);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    on: (operation, ...given) => void answers.set(operation, given),
    operations: () => requests.map(({ operation }) => operation),
    clear: () => {
      requests.length = 0;
      answers.clear();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
