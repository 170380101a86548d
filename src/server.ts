// avatar-sync: the server to embed or to run.
//
//   const server = await startServer({ port: 8080 });
//   console.log(server.url);
//   await server.stop();
import packageJson from "../package.json" with { type: "json" };
import { configOf, SETTING_NAMES } from "./config-options.ts";
import type { ServerConfig } from "./config.ts";
import { startDemo } from "./demo.ts";
import { assemble } from "./embed/embedded-server.ts";
import type { Rooms } from "./embed/rooms.ts";
import type { PageAssets } from "./http/page-assets.ts";
import { failureResponse } from "./http/errors.ts";
import type { ServerAddress } from "./protocol/index.ts";

export type { ServerConfig } from "./config.ts";
export { createAvatarServer } from "./embed/embedded-server.ts";
export type { EmbeddedServer, EmbedOptions, RouteHandler } from "./embed/embedded-server.ts";
export type { RoomEvents, RoomListener } from "./embed/room-events.ts";
export type { RoomFrame } from "./embed/room-frame.ts";
export type { PublishedFrame, RoomHandle, Rooms, RoomSettings } from "./embed/rooms.ts";
export type { PageAsset, PageAssets } from "./http/page-assets.ts";
export { HubError } from "./hub/errors.ts";
export type { HubErrorCode } from "./hub/errors.ts";
export type { RoomStatus, ServerAddress } from "./protocol/index.ts";

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
  readonly addresses: readonly ServerAddress[];
  /** Its rooms: read and publish players, listen to events, set and remove rooms. */
  readonly rooms: Rooms;
  /** Stops listening, answers the requests under way and closes. Resolves when everything is closed. */
  stop(): Promise<void>;
}

// Requests under way have this long to end before their connections are cut.
const STOP_GRACE_MS = 3000;

const OPTION_NAMES: readonly string[] = [...SETTING_NAMES, "page"];

/**
 * Starts a server.
 * @throws {TypeError} for an option that there is not, or of another type; {RangeError} for one out of range;
 * {Error} with code EADDRINUSE if the port is taken.
 */
export async function startServer(options: ServerOptions = {}): Promise<AvatarServer> {
  const { host, port, demo, ...config } = configOf(options, OPTION_NAMES);
  const avatars = assemble(config, { page: options.page });
  const server = Bun.serve({
    hostname: host,
    port,
    // Two servers on one port would share its connections between them at random.
    reusePort: false,
    // Our handlers check the size before they read, and answer 413 in our format. Bun's limit would
    // answer a bare 413 before any handler, so it is higher than any body.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    routes: avatars.routes,
    fetch: avatars.notFound,
    // Otherwise NODE_ENV would decide whether strangers see Bun's page with our source.
    development: false,
    error(error) {
      avatars.log.fault(error);
      return failureResponse(error);
    },
    websocket: avatars.websocket,
  });
  avatars.attach(server);
  const stopDemo = demo ? await startDemo(avatars.hub, avatars.now) : () => {};
  const addresses = avatars.addresses();
  avatars.log.info("listening", { url: addresses.at(-1)?.url, version: VERSION });
  return {
    url: addresses[0].url,
    port: server.port ?? 0,
    addresses,
    rooms: avatars.rooms,
    async stop() {
      avatars.log.info("stopping");
      stopDemo();
      avatars.stop();
      const cut = setTimeout(() => void server.stop(true), STOP_GRACE_MS);
      await server.stop();
      clearTimeout(cut);
    },
  };
}
