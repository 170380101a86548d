// What every handler works with. The server creates it once and passes it to the router.
import type { Access } from "../access/access.ts";
import type { AddressUse, Quotas } from "../access/quotas.ts";
import type { Format, StreamFormat } from "../codec/index.ts";
import type { Hub } from "../hub/hub.ts";
import type { ServerAddress } from "../protocol/index.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import type { PageAssets } from "./page-assets.ts";

export interface HttpContext {
  readonly hub: Hub;
  /** Which hosts and web pages may ask. */
  readonly access: Access;
  readonly quotas: Quotas;
  /** What counts for the address that a request comes from. */
  readonly useOf: (request: Request) => AddressUse;
  readonly metrics: ServerMetrics;
  /** A bug of ours has failed a request. */
  readonly onFault: (error: unknown) => void;
  /** Begins all paths, e.g. `/avatars`; empty at the root. */
  readonly prefix: string;
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
  /** The server answers what is under way, and then no more. */
  readonly isStopping: () => boolean;
  readonly startedMs: number;
  readonly version: string;
  readonly page: PageAssets;
  /** Where this server is reachable, for the page. */
  readonly addresses: () => readonly ServerAddress[];
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What a handshake has decided. */
export interface StreamHandshake {
  readonly room: string;
  readonly format: StreamFormat;
  readonly subprotocol: string;
}
