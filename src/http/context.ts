// What every handler works with. The server makes one and passes it to the router.
import type { Format, StreamFormat } from "../codec/index.ts";
import type { Hub } from "../hub/hub.ts";
import type { PageAssets } from "./page.ts";

export interface HttpContext {
  readonly hub: Hub;
  /** The format where a request does not say. */
  readonly defaultFormat: Format;
  readonly bodyBytesMax: number;
  /** Requests under way at once: each may hold a body. */
  readonly requestsMax: number;
  readonly requestsUnderWay: () => number;
  /** Names this run of the server in ETags, so that none outlives it. */
  readonly bootId: string;
  /** Makes a request a streaming connection; false if it is no WebSocket handshake. */
  readonly upgrade: (request: Request, stream: StreamHandshake) => boolean;
  readonly streamConnections: () => { readonly count: number; readonly max: number };
  readonly startedMs: number;
  readonly version: string;
  readonly page: PageAssets;
  /** Where this server is reachable, for the page. */
  readonly addresses: () => readonly NamedAddress[];
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What a handshake has settled. */
export interface StreamHandshake {
  readonly room: string;
  readonly format: StreamFormat;
  readonly subprotocol: string;
}

/** A URL and the name under which the start-up message and the page show it. */
export interface NamedAddress {
  readonly name: "Local" | "Network" | "External";
  readonly url: string;
}
