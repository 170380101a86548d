// One WebSocket as a connection of the hub.
import type { StreamFormat } from "../codec/index.ts";
import type { Connection } from "../hub/connections/connection.ts";
import type { CloseCode } from "../protocol/index.ts";
import type { Socket } from "./stream-server.ts";

export class WebSocketConnection implements Connection {
  readonly format: StreamFormat;
  readonly #socket: Socket;

  constructor(socket: Socket, format: StreamFormat) {
    this.#socket = socket;
    this.format = format;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  subscribe(topic: string): void {
    this.#socket.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    // A closed socket has left its topics already.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.unsubscribe(topic);
  }

  close(code: CloseCode, reason: string): void {
    this.#socket.close(code, reason);
  }
}
