// What the hub needs of a transport: one client, and its part in broadcasts. A WebSocket satisfies it, and
// so does a client in this process (in-process-connection.ts).
import type { StreamFormat } from "../../codec/index.ts";

/** Text is a control message, bytes are a data message. */
export type Message = string | Uint8Array<ArrayBuffer>;

/** One streaming client, as a room sees it. */
export interface Connection {
  /** The format of its data messages. */
  readonly format: StreamFormat;
  /** Where the client is, for the log. */
  readonly address?: string | undefined;
  /** Sends to this client alone. The bytes may change after the call. */
  send(data: Message): void;
  /** From now on the client gets what is broadcast to the topic, in order with `send`. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /**
   * Asks for a sign of life that the client's end of the line gives by itself, whatever its program does. The
   * answer goes to `Peer.answered`.
   */
  ping(): void;
  /** `code` is a WebSocket close code: one of `CloseCode`, or 1001 or 1011. */
  close(code: number, reason: string): void;
}
