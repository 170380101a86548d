// A client in this process as the hub's connection: what a WebSocket is to a client elsewhere.
import type { StreamFormat } from "../../codec/index.ts";
import type { Connection, Message } from "./connection.ts";
import type { InProcessBroadcaster } from "./in-process-broadcaster.ts";

/** The client's end. It is called while the hub is at work: answer the hub later, e.g. in a microtask. */
export interface InProcessClient {
  /** The message may be kept, but not written to. */
  message(message: Message): void;
  /** Answer with `Peer.answered`. Without it the client does not answer. */
  pinged?(): void;
  /** Nothing follows. */
  closed(code: number, reason: string): void;
}

export class InProcessConnection implements Connection {
  readonly format: StreamFormat;
  readonly #broadcaster: InProcessBroadcaster;
  readonly #topics = new Set<string>();
  readonly #client: InProcessClient;
  readonly #deliver: (message: Message) => void;
  #isOpen = true;

  constructor(format: StreamFormat, broadcaster: InProcessBroadcaster, client: InProcessClient) {
    this.format = format;
    this.#broadcaster = broadcaster;
    this.#client = client;
    this.#deliver = (message) => {
      // One of the same broadcast may have closed it.
      if (this.#isOpen) client.message(message);
    };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(data: Message): void {
    this.#deliver(typeof data === "string" ? data : data.slice());
  }

  subscribe(topic: string): void {
    if (!this.#isOpen || this.#topics.has(topic)) return;
    this.#topics.add(topic);
    this.#broadcaster.subscribe(topic, this.#deliver);
  }

  unsubscribe(topic: string): void {
    if (this.#topics.delete(topic)) this.#broadcaster.unsubscribe(topic, this.#deliver);
  }

  ping(): void {
    if (this.#isOpen) this.#client.pinged?.();
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const topic of this.#topics) this.#broadcaster.unsubscribe(topic, this.#deliver);
    this.#topics.clear();
    this.#client.closed(code, reason);
  }
}
