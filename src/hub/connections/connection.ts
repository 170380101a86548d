// What the hub needs of a transport. WebSockets satisfy it, and so does the simulator of the tests.
import type { StreamFormat } from "../../codec/index.ts";
import type { CloseCode } from "../../protocol/index.ts";

/** One streaming client, as a room sees it. */
export interface Connection {
  /** The format of its data messages. */
  readonly format: StreamFormat;
  /** To this client alone. The bytes may change after the call. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Takes part in what is published to a topic from now on, in order with `send`. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  close(code: CloseCode, reason: string): void;
}

/** Sends one message to every connection that is subscribed to the topic. */
export type Publish = (topic: string, data: string | Uint8Array<ArrayBuffer>) => void;
