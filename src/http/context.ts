// What every handler works with. The server creates it once and passes it to the router.
import type { Format, StreamFormat } from "../codec/index.ts";
import type { Hub } from "../hub/hub.ts";
import type { PageAssets } from "./page.ts";

export interface HttpContext {
  readonly hub: Hub;
  /** The format for requests that name none. */
  readonly defaultFormat: Format;
  readonly bodyBytesMax: number;
  /** Requests under way at once: each may hold a body. */
  readonly requestsMax: number;
  readonly requestsUnderWay: () => number;
  /** Identifies this run of the server in ETags, so that an ETag of an earlier run never matches. */
  readonly bootId: string;
  /** Turns a request into a streaming connection; false if it is not a WebSocket handshake. */
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

/** What a handshake has decided. */
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
