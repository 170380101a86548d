// Time that only a test moves, and sockets that it opens, fills and ends.
import type { ClientMessage, ServerMessage } from "../src/protocol/index.ts";
import type { ClientRuntime, WebSocketLike } from "../src/client/runtime.ts";

interface FakeTimer {
  readonly atMs: number;
  readonly run: () => void;
}

type Listener = (event: never) => void;

/** One socket, as the test sees both ends of it. */
export class FakeSocket implements WebSocketLike {
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: (string | Uint8Array<ArrayBuffer>)[] = [];
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    // The bytes may change after the call.
    this.sent.push(typeof data === "string" ? data : data.slice());
  }

  close(): void {
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.#emit("open", {});
  }

  receive(message: ServerMessage | string | Uint8Array<ArrayBuffer>): void {
    if (message instanceof Uint8Array) this.#emit("message", { data: message.slice().buffer });
    else if (typeof message === "string") this.#emit("message", { data: message });
    else this.#emit("message", { data: JSON.stringify(message) });
  }

  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.#emit("close", { code, reason });
  }

  /** The control messages that were sent, of one type. */
  said<Type extends ClientMessage["type"]>(type: Type): Extract<ClientMessage, { type: Type }>[] {
    return this.sent
      .filter((data) => typeof data === "string")
      .map((text) => JSON.parse(text) as ClientMessage)
      .filter((message) => message.type === type) as Extract<ClientMessage, { type: Type }>[];
  }

  /** The data messages that were sent. */
  get sentBytes(): Uint8Array<ArrayBuffer>[] {
    return this.sent.filter((data) => typeof data !== "string");
  }

  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      (listener as (event: unknown) => void)(event);
    }
  }
}

/** A runtime whose time stands still until `advance`. */
export class FakeRuntime implements ClientRuntime {
  nowMs = 1000;
  randomValue = 1;
  readonly sockets: FakeSocket[] = [];
  readonly webSocket: ClientRuntime["webSocket"];
  readonly page = null;
  readonly #timers = new Set<FakeTimer>();

  constructor() {
    const { sockets } = this;
    this.webSocket = class extends FakeSocket {
      constructor(url: string, protocols: readonly string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  }

  readonly now = (): number => this.nowMs;
  readonly random = (): number => this.randomValue;

  readonly setTimeout = (run: () => void, delayMs: number): unknown => {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as FakeTimer);
  };

  /** Moves time on, and runs what comes due on the way, in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was made");
    return socket;
  }
}
