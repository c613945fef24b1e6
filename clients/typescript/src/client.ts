import { createClient as create, createConfig, type Client } from "./generated/client/index.js";
import type { ProblemDocument } from "./generated/index.js";
import { unpinned } from "./generated/unpinned.js";

export interface Settings {
  /** Address of the service, such as `http://127.0.0.1:8000`. */
  baseUrl: string;
  /** Version of the release that everything is asked of; without one, the current release, which may change. */
  release?: string;
  /** How often a request is sent at most, where the connection fails or the service is busy (429, 502, 503, 504). */
  attempts?: number;
  /** Milliseconds that a request may take, with all that it is sent again. */
  timeout?: number;
  /** What sends the requests, in place of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** Statuses with which a request is sent again: after what `Retry-After` says, else longer each time. */
const busy = [429, 502, 503, 504];

/** An answer that is an error, with the problem document (RFC 9457) that says what is wrong. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** The problem document; undefined where something on the way answered, such as a proxy. */
    readonly problem: ProblemDocument | undefined,
    /** The answer; its body has been read. */
    readonly response: Response,
  ) {
    super(problem ? `${status} ${problem.title}: ${problem.detail}` : `${status} from ${response.url}`);
  }
}

/** A client for the operations, as each takes it: `listTherapies({ client, query: { target: ["PD-1"] } })`. */
export function createClient({ baseUrl, release, attempts = 4, timeout = 60_000, fetch }: Settings): Client {
  const retry = { limit: attempts - 1, methods: ["get", "post"], statusCodes: busy, afterStatusCodes: busy };
  const kyOptions = { throwHttpErrors: true, retry, ...(fetch && { fetch }) };
  const client = create(createConfig({ baseUrl, throwOnError: true, timeout, kyOptions }));
  client.interceptors.request.use(async (request, { url: path }) => {
    const url = new URL(request.url);
    if (!release || unpinned.includes(path) || url.searchParams.has("release") || url.searchParams.has("as_of")) {
      return request;
    }
    url.searchParams.set("release", release);
    const { method, headers } = request;
    return new Request(url, { method, headers, body: method === "GET" ? undefined : await request.text() });
  });
  client.interceptors.error.use((error, response) =>
    response ? new ApiError(response.status, isProblem(error) ? error : undefined, response) : error,
  );
  return client;
}

function isProblem(body: unknown): body is ProblemDocument {
  return typeof body === "object" && body !== null && "title" in body && "detail" in body;
}
