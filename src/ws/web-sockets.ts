// The streaming transport: Bun's WebSockets as connections of the hub.
import type { AddressUse } from "../access/quotas.ts";
import type { StreamFormat } from "../codec/index.ts";
import type { Peer } from "../hub/connections/peer.ts";
import type { Peers } from "../hub/connections/peers.ts";
import { FRAME_HEADER_BYTES } from "../protocol/index.ts";
import type { BunSocketHandler } from "./bun-types.ts";
import { WebSocketConnection } from "./web-socket-connection.ts";

// A receiver is taken off its topics long before this much is waiting for it (docs/protocol.md, S17).
// One that asks and does not read the answers is closed here: what is dropped silently, a `left` say,
// could never be made good.
const BACKPRESSURE_BYTES_MAX = 16 * 1024 * 1024;

/** Where a socket comes from. */
export interface SocketClient {
  readonly address: string;
  /** What its address holds. */
  readonly use: Pick<AddressUse, "connections">;
}

/** What a socket carries from its handshake on. */
export class SocketData {
  readonly roomId: string;
  readonly format: StreamFormat;
  /** Of the server that it belongs to. */
  readonly namespace: string;
  readonly client: SocketClient;
  /** Undefined until it is open. */
  peer: Peer | undefined;

  constructor(roomId: string, format: StreamFormat, namespace: string, client: SocketClient) {
    this.roomId = roomId;
    this.format = format;
    this.namespace = namespace;
    this.client = client;
  }
}

export interface WebSocketOptions {
  readonly peers: Peers;
  /** Begins the names of topics, as the broadcaster's does. */
  readonly namespace: string;
  readonly bodyBytesMax: number;
  /** A connection has ended. The code may be the client's. */
  readonly onClosed: (peer: Peer, code: number) => void;
  readonly now: () => number;
}

/** The `websocket` of Bun.serve. Sockets that another server has upgraded are left alone. */
export function webSocketHandler(options: WebSocketOptions): BunSocketHandler {
  const { peers, namespace, bodyBytesMax, onClosed, now } = options;
  const isOurs = (data: unknown): data is SocketData =>
    data instanceof SocketData && data.namespace === namespace;
  return {
    maxPayloadLength: bodyBytesMax + FRAME_HEADER_BYTES,
    backpressureLimit: BACKPRESSURE_BYTES_MAX,
    closeOnBackpressureLimit: true,
    perMessageDeflate: false,
    open(socket) {
      const { data } = socket;
      if (!isOurs(data)) return;
      // Not Node's Buffer, whose `slice` shares its memory, and which could be made a Uint8Array only by
      // moving a small message's bytes into an ArrayBuffer: that took more time than all else of an ack.
      socket.binaryType = "uint8array";
      const connection = new WebSocketConnection(
        socket,
        data.format,
        namespace,
        data.client.address,
      );
      data.client.use.connections++;
      data.peer = peers.add(connection, data.roomId, now());
    },
    message({ data }, message) {
      // A binary message's memory is its own: the hub may keep it.
      if (isOurs(data)) data.peer?.receive(message, now());
    },
    // Browsers answer pings by themselves, also for pages that are hidden.
    pong({ data }) {
      if (isOurs(data)) data.peer?.answered(now());
    },
    close({ data }, code) {
      if (!isOurs(data) || data.peer === undefined) return;
      data.client.use.connections--;
      onClosed(data.peer, code);
      peers.remove(data.peer, now());
    },
  };
}
