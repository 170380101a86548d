// avatar-sync: the server to embed or to run. Wires the hub to its transports.
//
//   const server = await startServer({ port: 8080 });
//   console.log(server.url);
//   await server.stop();
import packageJson from "../package.json" with { type: "json" };
import { reachableAddresses } from "./addresses.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import type { ServerConfig } from "./config.ts";
import { startDemo } from "./demo.ts";
import type { HttpContext } from "./http/context.ts";
import type { PageAssets } from "./http/page-assets.ts";
import { bunRoutes, notFound } from "./http/router.ts";
import { ROUTES } from "./http/routes.ts";
import { Hub } from "./hub/hub.ts";
import { Peers } from "./hub/connections/peers.ts";
import type { ServerAddress } from "./protocol/index.ts";
import { Ticker } from "./ticker.ts";
import { BunBroadcaster } from "./ws/bun-broadcaster.ts";
import { SocketData, webSocketHandler } from "./ws/web-sockets.ts";

export type { ServerConfig } from "./config.ts";
export type { PageAsset, PageAssets } from "./http/page-assets.ts";
export type { ServerAddress } from "./protocol/index.ts";

/** The version of this package. */
export const VERSION: string = packageJson.version;

/** Settings, and the page's files unless they are bundled from source. */
export interface ServerOptions extends Partial<ServerConfig> {
  readonly page?: PageAssets;
}

/** A running server. */
export interface AvatarServer {
  /** The server's URL on this machine, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The port that it listens on, also if 0 was asked for. */
  readonly port: number;
  /** Where this machine and others reach it. */
  readonly addresses: readonly ServerAddress[];
  /** Stops listening, answers what is under way and closes. Resolves when all is closed. */
  stop(): Promise<void>;
}

const SWEEP_INTERVAL_MS = 1000;

// Requests under way have this long to end before their connections are cut.
const STOP_GRACE_MS = 3000;

/** Starts a server. @throws {Error} with code EADDRINUSE where the port is taken. */
export async function startServer(options: ServerOptions = {}): Promise<AvatarServer> {
  const config: ServerConfig = { ...DEFAULT_CONFIG, ...options };
  // Has microseconds, and does not jump when somebody sets the clock.
  const now = () => performance.timeOrigin + performance.now();
  const startedMs = now();
  const ticker = new Ticker(now);
  const broadcaster = new BunBroadcaster("avatar-sync/");
  const hub = new Hub(
    { ...config, roomIdleMs: config.roomIdleSeconds * 1000 },
    {
      broadcaster,
      createResumeKey: () => crypto.getRandomValues(new Uint8Array(16)).toHex(),
      scheduleTick: (room, delayMs) => ticker.schedule(room, delayMs),
    },
    startedMs,
  );
  const peers = new Peers(hub);
  const addresses = (): ServerAddress[] => reachableAddresses(config.host, server.port ?? 0);
  const context: HttpContext = {
    hub,
    defaultFormat: config.format,
    bodyBytesMax: config.bodyBytesMax,
    requestsMax: config.requestsMax,
    requestsUnderWay: () => server.pendingRequests,
    bootId: crypto.randomUUID().slice(0, 8),
    upgrade: (request, { room, format, subprotocol }) =>
      server.upgrade(request, {
        data: new SocketData(room, format),
        // Without it Bun would name the first that the client offers, known or not.
        headers: { "Sec-WebSocket-Protocol": subprotocol },
      }),
    streamConnections: () => ({ count: peers.count, max: config.connectionsMax }),
    startedMs,
    version: VERSION,
    page: options.page ?? (await sourcePage()),
    addresses,
    now,
  };
  const server = Bun.serve({
    hostname: config.host,
    port: config.port,
    // Two servers on one port would share its connections between them at random.
    reusePort: false,
    // Our handlers check the size before they read, and answer 413 in our format. Bun's limit would
    // answer a bare 413 before any handler, so it is higher than any body.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    routes: bunRoutes(ROUTES, context),
    fetch: notFound,
    websocket: webSocketHandler({
      peers,
      namespace: broadcaster.namespace,
      bodyBytesMax: config.bodyBytesMax,
      now,
    }),
  });
  broadcaster.server = server;
  const stopDemo = config.demo ? await startDemo(hub, now) : () => {};
  const sweep = setInterval(() => {
    hub.sweep(now());
    peers.sweep(now());
  }, SWEEP_INTERVAL_MS);
  return {
    url: addresses()[0].url,
    port: server.port ?? 0,
    addresses: addresses(),
    async stop() {
      clearInterval(sweep);
      stopDemo();
      peers.closeAll();
      const cut = setTimeout(() => void server.stop(true), STOP_GRACE_MS);
      await server.stop();
      clearTimeout(cut);
      ticker.stop();
    },
  };
}

/** The page bundled from its source on the first request. */
async function sourcePage(): Promise<PageAssets> {
  const { SourcePage } = await import("../viewer/source-page.ts");
  return new SourcePage();
}
