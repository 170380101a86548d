// The server as a part of another Bun server, under a prefix of its paths.
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { Access } from "../access/access.ts";
import { clientAddress } from "../access/address.ts";
import { Quotas } from "../access/quotas.ts";
import { reachableAddresses } from "../addresses.ts";
import { configOf, SETTING_NAMES } from "../config-options.ts";
import type { ServerConfig } from "../config.ts";
import type { HttpContext } from "../http/context.ts";
import type { PageAssets } from "../http/page-assets.ts";
import { bunRoutes, notFoundHandler, prefixRoutes } from "../http/router.ts";
import type { BunHandler, RoutedRequest } from "../http/router.ts";
import { ROUTES, VITAL_ROUTES } from "../http/routes.ts";
import { Peers } from "../hub/connections/peers.ts";
import { Hub, SETTLE_INTERVAL_MS } from "../hub/hub.ts";
import { BuiltPage } from "../page/built-page.ts";
import { standardLog } from "../log.ts";
import type { Log } from "../log.ts";
import { ServerMetrics } from "../metrics/server-metrics.ts";
import type { ServerAddress } from "../protocol/index.ts";
import { Ticker } from "../ticker.ts";
import { BunBroadcaster } from "../ws/bun-broadcaster.ts";
import type { BunServer, BunSocketHandler } from "../ws/bun-types.ts";
import { SocketData, webSocketHandler } from "../ws/web-sockets.ts";
import { ConnectionEvents } from "./connection-events.ts";
import { RoomEventSource } from "./room-events.ts";
import { Rooms } from "./rooms.ts";

/** Settings of a server that listens nowhere itself. */
type EmbedConfig = Omit<ServerConfig, "host" | "port" | "demo">;

/** Settings, and where it answers. */
export interface EmbedOptions extends Partial<EmbedConfig> {
  /** The path under which it answers, e.g. `/avatars`; unless set, at the root. */
  readonly prefix?: string;
  /** The page's files, unless they are bundled from source. */
  readonly page?: PageAssets;
}

/** A handler of a route, as Bun.serve takes it. */
export type RouteHandler = (
  request: RoutedRequest,
  server: BunServer,
) => Response | undefined | Promise<Response>;

/** What another Bun server needs, to answer for this one too. */
export interface EmbeddedServer {
  readonly rooms: Rooms;
  /** For `routes` of Bun.serve, beside routes of its own. */
  readonly routes: Record<string, RouteHandler>;
  /** For `websocket` of Bun.serve. It handles the sockets of this server only: see `owns`. */
  readonly websocket: BunSocketHandler;
  /** Whether a socket is one of this server's, for a Bun.serve that has others too. */
  readonly owns: (socket: { readonly data: unknown }) => boolean;
  /** Closes all streaming connections, and ends all timers. */
  readonly stop: () => void;
}

/** The same, with what the package's own server needs besides. */
export interface Assembly extends EmbeddedServer {
  readonly hub: Hub;
  readonly log: Log;
  readonly now: () => number;
  /** Answers for all paths that no route has. */
  readonly notFound: (request: Request) => Response;
  readonly addresses: () => ServerAddress[];
  /** Names the Bun server, before its first request does. */
  readonly attach: (server: BunServer) => void;
}

const SWEEP_INTERVAL_MS = 1000;
const OPTION_NAMES: readonly string[] = [
  "prefix",
  "page",
  // Of the server that it is a part of.
  ...SETTING_NAMES.filter((name) => !["host", "port", "demo"].includes(name)),
];
const PREFIX = /^(\/[A-Za-z0-9._~-]+)*$/;

/**
 * Makes a server that answers as a part of your own Bun server.
 *
 * @example
 * ```ts
 * import { createAvatarServer } from "avatar-sync";
 *
 * const avatars = createAvatarServer({ prefix: "/avatars" });
 * Bun.serve({
 *   routes: { ...avatars.routes, "/": new Response("my own page") },
 *   websocket: avatars.websocket,
 * });
 * avatars.rooms.open("lobby").on("joined", ({ player }) => console.log(player));
 * ```
 *
 * @throws {RangeError} for a prefix that is no path, e.g. without its leading slash, and for a setting out of
 * range; {TypeError} for an option that there is not, or of another type.
 */
export function createAvatarServer(options: EmbedOptions = {}): EmbeddedServer {
  const config = configOf(options, OPTION_NAMES);
  const { prefix = "", page } = options;
  if (!PREFIX.test(prefix)) {
    throw new RangeError(`prefix ${prefix}: expected a path such as /avatars`);
  }
  const { rooms, routes, websocket, owns, stop } = assemble(config, { prefix, page });
  return { rooms, routes, websocket, owns, stop };
}

/** Wires the hub to its transports. */
export function assemble(
  config: EmbedConfig,
  { prefix = "", page }: { readonly prefix?: string; readonly page: PageAssets | undefined },
): Assembly {
  // Has microseconds, and does not jump when somebody sets the clock.
  const now = () => performance.timeOrigin + performance.now();
  const startedMs = now();
  const metrics = new ServerMetrics();
  const log = standardLog(config.logLevel);
  const ticker = new Ticker(now, (latenessMs, durationMs) => {
    metrics.tickLateness.observe(latenessMs / 1000);
    metrics.tickDuration.observe(durationMs / 1000);
  });
  const bootId = crypto.randomUUID().slice(0, 8);
  const broadcaster = new BunBroadcaster(`avatar-sync/${bootId}/`);
  const { namespace } = broadcaster;
  const events = new RoomEventSource();
  const hub = new Hub(
    { ...config, roomIdleMs: config.roomIdleSeconds * 1000 },
    {
      broadcaster,
      createResumeKey: () => crypto.getRandomValues(new Uint8Array(16)).toHex(),
      scheduleTick: (room, delayMs) => ticker.schedule(room, delayMs),
      observer: events,
    },
    startedMs,
  );
  const connectionEvents = new ConnectionEvents(log, metrics, now);
  const peers = new Peers(hub, connectionEvents);
  let bun: BunServer | undefined;
  let isStopping = false;
  const attach = (server: BunServer) => {
    bun = server;
    broadcaster.server = server;
  };
  const addresses = () => addressesOf(bun, prefix);
  const quotas = new Quotas(config, startedMs);
  const addressOf = (request: Request) => {
    const forwardedFor = config.trustProxy ? request.headers.get("x-forwarded-for") : null;
    return clientAddress(bun?.requestIP(request)?.address, forwardedFor);
  };
  const useOf = (request: Request) => quotas.of(addressOf(request), now());
  const context: HttpContext = {
    hub,
    access: new Access(config),
    quotas,
    useOf,
    metrics,
    onFault: (error) => log.fault(error),
    prefix,
    defaultFormat: config.format,
    bodyBytesMax: config.bodyBytesMax,
    requestsMax: config.requestsMax,
    requestsUnderWay: () => bun?.pendingRequests ?? 0,
    bootId,
    upgrade: (request, { room, format, subprotocol }) =>
      bun?.upgrade(request, {
        data: new SocketData(room, format, namespace, {
          address: addressOf(request),
          use: useOf(request),
        }),
        // Without this Bun would name the first subprotocol of the offer, known or not.
        headers: { "Sec-WebSocket-Protocol": subprotocol },
      }) ?? false,
    streamConnections: () => ({ count: peers.count, max: config.connectionsMax }),
    isStopping: () => isStopping,
    startedMs,
    version: packageJson.version,
    page: page ?? defaultPage(),
    addresses,
    now,
  };
  const attached =
    (handler: BunHandler): RouteHandler =>
    (request, server) => {
      if (bun !== server) attach(server);
      return handler(request);
    };
  const handlers = Object.entries(bunRoutes(prefixRoutes(ROUTES, prefix), context, VITAL_ROUTES));
  const routes = Object.fromEntries(
    handlers.map(([path, handler]) => [path, attached(handler)] as const),
  );
  const { bodyBytesMax } = config;
  const websocket = webSocketHandler({
    peers,
    namespace,
    bodyBytesMax,
    onClosed: (peer, code) => connectionEvents.closed(peer, code),
    now,
  });
  const sweep = setInterval(() => {
    hub.sweep(now());
    peers.sweep(now());
    quotas.sweep(now());
    log.sweep();
  }, SWEEP_INTERVAL_MS);
  sweep.unref();
  let settledMs = now();
  const settle = setInterval(() => {
    const nowMs = now();
    const lagMs = Math.max(0, nowMs - settledMs - SETTLE_INTERVAL_MS);
    metrics.eventLoopLag.observe(lagMs / 1000);
    settledMs = nowMs;
    hub.settle(nowMs);
  }, SETTLE_INTERVAL_MS);
  settle.unref();
  return {
    rooms: new Rooms(hub, events, now),
    routes,
    websocket,
    owns: ({ data }) => data instanceof SocketData && data.namespace === namespace,
    stop() {
      isStopping = true;
      clearInterval(sweep);
      clearInterval(settle);
      peers.closeAll();
      ticker.stop();
      log.flush();
    },
    hub,
    log,
    now,
    notFound: notFoundHandler(context),
    addresses,
    attach,
  };
}

function addressesOf(bun: BunServer | undefined, prefix: string): ServerAddress[] {
  // A server on a Unix socket has neither.
  if (bun?.hostname === undefined || bun.port === undefined) return [];
  const { protocol } = bun.url;
  return reachableAddresses(bun.hostname, bun.port).map(({ name, url }) => ({
    name,
    url: url.replace("http:", protocol) + prefix,
  }));
}

/** The package has the page built. In a clone it is bundled from its source on the first request. */
function defaultPage(): PageAssets {
  const folder = join(import.meta.dir, "..", "page", "assets");
  if (BuiltPage.isIn(folder)) return new BuiltPage(folder);
  let page: Promise<PageAssets> | undefined;
  return {
    async get(path) {
      page ??= import("../page/source-page.ts").then(({ SourcePage }) => new SourcePage());
      return (await page).get(path);
    },
  };
}
