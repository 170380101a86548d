// The streaming transport: WebSocket connections as the hub's connections.
import { DecodeError } from "../codec/index.ts";
import type { StreamFormat } from "../codec/index.ts";
import { HubError } from "../hub/errors.ts";
import type { HubErrorCode } from "../hub/errors.ts";
import type { Hub } from "../hub/hub.ts";
import type { Room } from "../hub/room.ts";
import type { Subscriber } from "../hub/fan-out/receiver.ts";
import { CloseCode, decodeClientMessage, ProtocolError } from "../protocol/index.ts";
import { WebSocketConnection } from "./web-socket-connection.ts";

/** The data of a socket, from its handshake on. */
export interface SocketData {
  readonly roomId: string;
  readonly format: StreamFormat;
  membership: Membership;
}

/** A connection joins with its first message. */
export type Membership =
  | { readonly state: "joining"; readonly deadlineMs: number }
  | { readonly state: "joined"; readonly room: Room; readonly subscriber: Subscriber }
  | { readonly state: "left" };

/** The part of Bun's WebSocket that a connection uses. Tests implement it in memory. */
export type Socket = Pick<
  Bun.ServerWebSocket<SocketData>,
  "data" | "readyState" | "binaryType" | "send" | "close" | "subscribe" | "unsubscribe"
>;

/** A client that connects and sends nothing is closed after this long. */
const JOIN_WITHIN_MS = 10_000;

const CLOSE_CODES: Readonly<Record<HubErrorCode, CloseCode>> = {
  bad_id: CloseCode.BadMessage,
  too_many_rooms: CloseCode.Full,
  room_full: CloseCode.Full,
  player_taken: CloseCode.PlayerTaken,
};

export class StreamServer {
  readonly #hub: Hub;
  readonly #now: () => number;
  readonly #sockets = new Set<Socket>();

  constructor(hub: Hub, now: () => number) {
    this.#hub = hub;
    this.#now = now;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** The data of a new socket. */
  socketData(roomId: string, format: StreamFormat): SocketData {
    const deadlineMs = this.#now() + JOIN_WITHIN_MS;
    return { roomId, format, membership: { state: "joining", deadlineMs } };
  }

  open(socket: Socket): void {
    // Node's Buffer would be slower: turning one into a Uint8Array moves a small message's bytes into an
    // ArrayBuffer, which took more time than everything else about an ack. Its `slice` also shares memory.
    socket.binaryType = "uint8array";
    this.#sockets.add(socket);
  }

  /** Handles a message. The memory of a binary message is not reused: the hub may keep it. */
  message(socket: Socket, message: string | Uint8Array<ArrayBuffer>): void {
    const { data } = socket;
    try {
      switch (data.membership.state) {
        case "joining":
          return this.#join(socket, message);
        case "joined": {
          const { room, subscriber } = data.membership;
          if (typeof message === "string") room.receiveText(subscriber, message, this.#now());
          else room.receiveData(subscriber, message, this.#now());
          return;
        }
        case "left":
          // A message that was under way when the connection was closed.
          return;
      }
    } catch (error) {
      const [code, reason] = closeFor(error);
      this.#end(socket);
      socket.close(code, reason);
    }
  }

  close(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#end(socket);
  }

  /** Closes connections that do not join in time. Call it about every second. */
  sweep(nowMs: number): void {
    for (const socket of this.#sockets) {
      const { membership } = socket.data;
      if (membership.state !== "joining" || nowMs < membership.deadlineMs) continue;
      socket.close(CloseCode.JoinRequired, `expected join within ${JOIN_WITHIN_MS} ms`);
    }
  }

  /** Tells every client to come back later. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.close(1001, "the server is going away");
  }

  #join(socket: Socket, message: string | Uint8Array): void {
    const { data } = socket;
    const request = typeof message === "string" ? decodeClientMessage(message) : undefined;
    if (request?.type !== "join") {
      throw new ProtocolError(CloseCode.JoinRequired, "expected join as the first message");
    }
    const connection = new WebSocketConnection(socket, data.format);
    const joined = this.#hub.join(data.roomId, connection, request, this.#now());
    data.membership = { state: "joined", ...joined };
  }

  #end({ data }: Socket): void {
    const { membership } = data;
    data.membership = { state: "left" };
    if (membership.state !== "joined") return;
    membership.room.disconnect(membership.subscriber, this.#now());
  }
}

// The reason of a close frame holds 123 bytes.
const REASON_LENGTH_MAX = 120;

function closeFor(error: unknown): [code: number, reason: string] {
  if (error instanceof ProtocolError) return [error.closeCode, shorten(error.message)];
  if (error instanceof HubError) return [CLOSE_CODES[error.code], shorten(error.message)];
  if (error instanceof DecodeError) return [CloseCode.BadMessage, shorten(error.message)];
  console.error(error);
  return [1011, "the server failed; its log has the error"];
}

function shorten(text: string): string {
  // A reason may contain names from a peer. Characters beyond ASCII could exceed the limit in UTF-8.
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, REASON_LENGTH_MAX);
}
