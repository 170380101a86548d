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
import type { HttpContext, NamedAddress } from "./http/context.ts";
import type { PageAssets } from "./http/page.ts";
import { bunRoutes, notFound } from "./http/router.ts";
import { ROUTES } from "./http/routes.ts";
import { Hub } from "./hub/hub.ts";
import { FRAME_HEADER_BYTES } from "./protocol/index.ts";
import { Ticker } from "./ticker.ts";
import { StreamServer } from "./ws/stream-server.ts";
import type { SocketData } from "./ws/stream-server.ts";

export type { ServerConfig } from "./config.ts";
export type { NamedAddress } from "./http/context.ts";
export type { PageAsset, PageAssets } from "./http/page.ts";

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
  /** The server's URLs for this machine and for others. */
  readonly addresses: readonly NamedAddress[];
  /** Stops listening, answers the requests under way and closes. Resolves when everything is closed. */
  stop(): Promise<void>;
}

const SWEEP_INTERVAL_MS = 1000;

// Requests under way have this long to end before their connections are cut.
const STOP_GRACE_MS = 3000;

// A receiver is taken off its topics long before this much is waiting for it (docs/protocol.md, S17).
// A client that asks and does not read the answers is closed at this limit: a control message that is dropped
// silently, such as `left`, could never be repaired.
const BACKPRESSURE_BYTES_MAX = 16 * 1024 * 1024;

/** Starts a server. @throws {Error} with code EADDRINUSE if the port is taken. */
export async function startServer(options: ServerOptions = {}): Promise<AvatarServer> {
  const config: ServerConfig = { ...DEFAULT_CONFIG, ...options };
  // Has microseconds, and does not jump when somebody sets the clock.
  const now = () => performance.timeOrigin + performance.now();
  const startedMs = now();
  const ticker = new Ticker(now);
  const hub = new Hub(
    { ...config, subscribersMax: config.connectionsMax, roomIdleMs: config.roomIdleSeconds * 1000 },
    {
      publish: (topic, data) => void server.publish(topic, data),
      createResumeKey: () => crypto.getRandomValues(new Uint8Array(16)).toHex(),
      scheduleTick: (room, delayMs) => ticker.schedule(room, delayMs),
    },
    startedMs,
  );
  const streams = new StreamServer(hub, now);
  const addresses = (): NamedAddress[] => reachableAddresses(config.host, server.port ?? 0);
  const context: HttpContext = {
    hub,
    defaultFormat: config.format,
    bodyBytesMax: config.bodyBytesMax,
    requestsMax: config.requestsMax,
    requestsUnderWay: () => server.pendingRequests,
    bootId: crypto.randomUUID().slice(0, 8),
    upgrade: (request, { room, format, subprotocol }) =>
      server.upgrade(request, {
        data: streams.socketData(room, format),
        // Without this Bun would name the first subprotocol of the offer, known or not.
        headers: { "Sec-WebSocket-Protocol": subprotocol },
      }),
    streamConnections: () => ({ count: streams.connectionCount, max: config.connectionsMax }),
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
    websocket: {
      data: undefined as unknown as SocketData,
      maxPayloadLength: config.bodyBytesMax + FRAME_HEADER_BYTES,
      backpressureLimit: BACKPRESSURE_BYTES_MAX,
      closeOnBackpressureLimit: true,
      perMessageDeflate: false,
      open: (socket) => streams.open(socket),
      message: (socket, message) => streams.message(socket, message),
      close: (socket) => streams.close(socket),
    },
  });
  const stopDemo = config.demo ? await startDemo(hub, now) : () => {};
  const sweep = setInterval(() => {
    hub.sweep(now());
    streams.sweep(now());
  }, SWEEP_INTERVAL_MS);
  return {
    url: addresses()[0].url,
    port: server.port ?? 0,
    addresses: addresses(),
    async stop() {
      clearInterval(sweep);
      stopDemo();
      streams.closeAll();
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
