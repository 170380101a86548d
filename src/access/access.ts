// Who may ask: the hosts that this server answers to, and the web pages that may use it. Programs that are no
// browsers send no Origin, and are allowed.
import { Hosts, nameOfHost } from "./hosts.ts";
import { hostsOf, Origins } from "./origins.ts";

export interface AccessOptions {
  /** Patterns of origins. Empty: any web page may read and write. */
  readonly allowOrigins: readonly string[];
  /** Patterns of hosts. Empty: any host, or with `allowOrigins` only this machine's addresses and the hosts named there. */
  readonly allowHosts: readonly string[];
}

/** What access depends on. A Fetch request satisfies it. */
export interface AccessRequest {
  readonly method: string;
  readonly headers: Pick<Headers, "get">;
}

/** Why a request is refused. */
export interface AccessRefusal {
  readonly status: 400 | 403;
  readonly code: "bad_host" | "host_not_allowed" | "origin_not_allowed";
  readonly message: string;
}

const BAD_HOST: AccessRefusal = {
  status: 400,
  code: "bad_host",
  message: "Host: expected a name or an address, and a port if needed",
};
const HOST_NOT_ALLOWED: AccessRefusal = {
  status: 403,
  code: "host_not_allowed",
  message: "this server does not answer to this Host: whoever runs it can add it with --allow-host",
};
const ORIGIN_NOT_ALLOWED: AccessRefusal = {
  status: 403,
  code: "origin_not_allowed",
  message:
    "this web page's origin is not allowed: whoever runs the server can add it with --allow-origin",
};

const EXPOSED = { "Access-Control-Expose-Headers": "ETag" };
const OPEN_HEADERS = { "Access-Control-Allow-Origin": "*", ...EXPOSED };
const CLOSED_HEADERS = { Vary: "Origin" };

export class Access {
  readonly #origins: Origins;
  readonly #hosts: Hosts;
  // Nearly all requests name the host that the one before named.
  #hostBefore: string | null = null;
  #nameBefore: string | null = null;

  constructor({ allowOrigins, allowHosts }: AccessOptions) {
    this.#origins = new Origins(allowOrigins);
    // Where origins are narrowed, another name for this machine's address would be a way around it.
    const isImplied = allowHosts.length === 0 && !this.#origins.isOpen;
    this.#hosts = new Hosts({
      patterns: isImplied ? ["localhost", ...hostsOf(allowOrigins)] : allowHosts,
      allowsAddresses: isImplied,
    });
  }

  /** Why a request is refused; null if it is not. */
  refusal(request: AccessRequest): AccessRefusal | null {
    const host = request.headers.get("host");
    const name = this.#nameOf(host);
    if (host !== null && name === null) return BAD_HOST;
    if (!this.#hosts.allows(name)) return HOST_NOT_ALLOWED;
    if (this.#origins.isOpen || this.#isAllowed(request.headers)) return null;
    return isRead(request) ? null : ORIGIN_NOT_ALLOWED;
  }

  /** The headers by which a browser decides whether a page of another origin sees an answer. */
  corsHeaders(headers: AccessRequest["headers"]): Readonly<Record<string, string>> {
    if (this.#origins.isOpen) return OPEN_HEADERS;
    const origin = headers.get("origin");
    if (origin === null || !this.#origins.allows(origin)) return CLOSED_HEADERS;
    return { "Access-Control-Allow-Origin": origin, ...EXPOSED, ...CLOSED_HEADERS };
  }

  /** Whether the page that asks is allowed, or this server's own, or there is none. */
  #isAllowed(headers: AccessRequest["headers"]): boolean {
    const origin = headers.get("origin");
    if (origin === null || this.#origins.allows(origin)) return true;
    // The scheme may differ: a proxy before this server speaks https. refusal has checked that host.
    return /^https?:\/\/(.*)$/.exec(origin)?.[1] === headers.get("host");
  }

  #nameOf(host: string | null): string | null {
    if (host === null) return null;
    if (host !== this.#hostBefore) {
      this.#nameBefore = nameOfHost(host);
      this.#hostBefore = host;
    }
    return this.#nameBefore;
  }
}

/** A read changes nothing: a foreign page may send it, but not see the answer. A stream may write. */
function isRead({ method, headers }: AccessRequest): boolean {
  if (method === "OPTIONS" || method === "HEAD") return true;
  return method === "GET" && headers.get("upgrade") === null;
}
