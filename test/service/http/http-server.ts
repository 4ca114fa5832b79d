/** The HTTP door around fake use cases, listening on a free port. */
import { createHttpApplication, type HttpDependencies } from "../../../service/http/application.ts";
import { createAuthenticate, hashOfKey, type KeptKey } from "../../../service/http/authentication.ts";
import { listen } from "../../../service/http/listen.ts";
import { fakeUseCases, type FakeUseCases } from "./fake-use-cases.ts";

const roles = ["viewer", "requester", "approver", "admin"] as const;
export const keyOf = (role: (typeof roles)[number]): string => `gh_key-of-the-${role}`;

const keys = new Map<string, KeptKey>(
  roles.map((role) => [hashOfKey(keyOf(role)), { name: `the ${role}`, role, keyHash: hashOfKey(keyOf(role)) }]),
);

export class DatabaseAway extends Error {}

export interface HttpServer {
  url: string;
  useCases: FakeUseCases;
  logs: object[];
  /** Begins the service's stop. */
  stop: AbortController;
  /** Calls as admin unless told otherwise. */
  call: (
    method: string,
    path: string,
    options?: { body?: string; headers?: Record<string, string> },
  ) => Promise<Response>;
  close: () => Promise<void>;
}

export async function startHttpServer(changes: Partial<HttpDependencies> = {}): Promise<HttpServer> {
  const useCases = fakeUseCases();
  const logs: object[] = [];
  const stop = new AbortController();
  const log = (fields: object, message: string): void => void logs.push({ ...fields, message });
  const application = createHttpApplication({
    useCases,
    authenticate: createAuthenticate((hash) => Promise.resolve(keys.get(hash) ?? null)),
    readiness: () => Promise.resolve({ ready: true, checks: {}, engine: "sandbox", cloud: "simulated" }),
    stopping: stop.signal,
    isUnavailable: (error) => error instanceof DatabaseAway,
    newRequestId: () => "new-request-id",
    clock: () => 0,
    metrics: { answered: () => undefined, expose: () => Promise.resolve({ contentType: "text/plain", text: "" }) },
    logger: { debug: log, info: log, error: log },
    ...changes,
  });
  const listening = await listen(application, "127.0.0.1", 0);
  return {
    url: listening.url,
    useCases,
    logs,
    stop,
    call: (method, path, { body, headers = {} } = {}) =>
      fetch(`${listening.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${keyOf("admin")}`, ...headers },
        ...(body === undefined ? {} : { body }),
      }),
    close: listening.close,
  };
}
