// One of Bun's WebSockets as the hub's connection.
import type { StreamFormat } from "../codec/index.ts";
import type { Connection, Message } from "../hub/connections/connection.ts";
import type { BunSocket } from "./bun-types.ts";

/** What a connection needs of Bun's WebSocket, whatever data it carries. */
export type Socket = Pick<
  BunSocket,
  "readyState" | "send" | "ping" | "close" | "subscribe" | "unsubscribe"
>;

export class WebSocketConnection implements Connection {
  readonly format: StreamFormat;
  readonly address: string | undefined;
  readonly #socket: Socket;
  readonly #namespace: string;

  /** `namespace` begins the names of its topics at Bun. */
  constructor(socket: Socket, format: StreamFormat, namespace: string, address?: string) {
    this.#socket = socket;
    this.format = format;
    this.address = address;
    this.#namespace = namespace;
  }

  send(data: Message): void {
    this.#socket.send(data);
  }

  subscribe(topic: string): void {
    this.#socket.subscribe(this.#namespace + topic);
  }

  unsubscribe(topic: string): void {
    // A socket that has closed has left its topics already.
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.unsubscribe(this.#namespace + topic);
    }
  }

  ping(): void {
    this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
