// From a table of routes to Bun's: methods, HEAD, preflight, 405, CORS and errors in one place.
import type { Access } from "../access/access.ts";
import type { Answer } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import { codeOf, errorAnswer, HttpError, INTERNAL } from "./errors.ts";
import { overQuota } from "./over-quota.ts";
import { pathOf, queryOf } from "./target.ts";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** A request with the path's parameters, e.g. `{ room: "default" }`. */
export type RoutedRequest = Request & { readonly params: Readonly<Record<string, string>> };

/** Returns nothing if the request has become a streaming connection. */
export type Handler = (
  request: RoutedRequest,
  context: HttpContext,
) => Answer | undefined | Promise<Answer>;

/** The methods of a path. GET adds HEAD; every path has OPTIONS. */
export type Route = { readonly [method in Method]?: Handler };

export type RouteTable = Readonly<Record<string, Route>>;

/** A handler as Bun.serve calls it. */
export type BunHandler = (request: RoutedRequest) => Response | undefined | Promise<Response>;

/**
 * The table in the form that Bun.serve takes.
 * @param vital routes that are also answered while more requests are under way than allowed.
 */
export function bunRoutes(
  table: RouteTable,
  context: HttpContext,
  vital: ReadonlySet<Route>,
): Record<string, BunHandler> {
  return Object.fromEntries(
    Object.entries(table).map(([path, route]) => [
      path,
      bunHandler(route, context, vital.has(route)),
    ]),
  );
}

/**
 * The table with all paths under a prefix, e.g. `/avatars`. The prefix alone leads to the page, whose relative URLs
 * need the slash. Everything else under the prefix is not found.
 */
export function prefixRoutes(table: RouteTable, prefix: string): RouteTable {
  if (prefix === "") return table;
  const prefixed = Object.entries(table).map(([path, route]) => [prefix + path, route] as const);
  return { ...Object.fromEntries(prefixed), [prefix]: toSlash(prefix), [`${prefix}/*`]: nothing };
}

const nothing: Route = {
  GET: ({ url }) => {
    throw notFoundError(url);
  },
};

function toSlash(prefix: string): Route {
  const name = prefix.slice(prefix.lastIndexOf("/") + 1);
  return {
    // A relative address also holds behind a proxy that adds a path of its own.
    GET: ({ url }) => ({ status: 308, headers: { Location: `${name}/${queryOf(url)}` } }),
  };
}

/** The handler of all paths that are not in the table. */
export function notFoundHandler({ access, metrics }: HttpContext): (request: Request) => Response {
  return (request) => {
    const error = refusalOf(access, request) ?? notFoundError(request.url);
    metrics.refusals.add(error.code);
    return respond(errorAnswer(error), access.corsHeaders(request.headers), {
      isHead: request.method === "HEAD",
    });
  };
}

export function notFoundError(url: string): HttpError {
  return new HttpError(404, "not_found", `there is nothing at ${pathOf(url)}`);
}

function refusalOf(access: Access, request: Request): HttpError | null {
  const refusal = access.refusal(request);
  return refusal && new HttpError(refusal.status, refusal.code, refusal.message);
}

function bunHandler(route: Route, context: HttpContext, isVital: boolean): BunHandler {
  const methods = METHODS.filter((method) => route[method] !== undefined);
  const allow = [...methods, ...(route.GET === undefined ? [] : ["HEAD"]), "OPTIONS"].join(", ");
  const preflight: Answer = {
    status: 204,
    headers: {
      Allow: allow,
      "Access-Control-Allow-Methods": allow,
      // The wildcard does not cover Authorization.
      "Access-Control-Allow-Headers": "*, Authorization",
      "Access-Control-Max-Age": "86400",
    },
  };
  const { access } = context;
  const refused = (error: unknown) => {
    const code = codeOf(error);
    context.metrics.refusals.add(code);
    if (code === INTERNAL) context.onFault(error);
    return errorAnswer(error);
  };
  return (request) => {
    const { method, headers } = request;
    const isHead = method === "HEAD";
    const cors = access.corsHeaders(headers);
    try {
      const refusal = refusalOf(access, request);
      if (refusal !== null) throw refusal;
      if (!isVital) checkRate(request, context);
      if (method === "OPTIONS") return respond(preflight, cors);
      if (!isVital && context.requestsUnderWay() > context.requestsMax) throw tooBusy();
      const handler = isHead ? route.GET : route[method as Method];
      if (handler === undefined) {
        const message = `${method} is not allowed here: expected ${allow}`;
        throw new HttpError(405, "method_not_allowed", message, { Allow: allow });
      }
      const answer = handler(request, context);
      if (answer === undefined) return undefined;
      if (!(answer instanceof Promise)) return respond(answer, cors, { isHead });
      return answer.then(
        (settled) => respond(settled, cors, { isHead }),
        (error: unknown) => respond(refused(error), cors, { isHead }),
      );
    } catch (error) {
      return respond(refused(error), cors, { isHead });
    }
  };
}

/** @throws {HttpError} 429 if the address asks too often. */
function checkRate(request: Request, context: HttpContext): void {
  const { quotas, now, useOf } = context;
  const quota = quotas.requestRefusal(() => useOf(request), now());
  if (quota !== null) throw overQuota(quota, context);
}

function tooBusy(): HttpError {
  const message = "this server has as many requests under way as it allows";
  return new HttpError(503, "too_many_requests", message, { "Retry-After": "1" });
}

const encoder = new TextEncoder();

function respond(
  answer: Answer,
  cors: Readonly<Record<string, string>>,
  { isHead = false }: { readonly isHead?: boolean } = {},
): Response {
  const { status = 200, body } = answer;
  const headers: Record<string, string> = {
    ...answer.headers,
    ...cors,
    "X-Content-Type-Options": "nosniff",
  };
  const vary = answer.headers?.["Vary"];
  if (vary !== undefined && cors["Vary"] !== undefined) {
    headers["Vary"] = `${vary}, ${cors["Vary"]}`;
  }
  if (!isHead) return new Response(body ?? null, { status, headers });
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  if (bytes !== undefined) headers["Content-Length"] = String(bytes.length);
  return new Response(null, { status, headers });
}
