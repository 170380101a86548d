// The client's own runtime on simulated time: its sockets are connections to the server in memory, over lines with a
// delay. Messages of one direction keep their order, as in TCP.
import type { ClientRuntime, WebSocketLike } from "../../src/client/runtime.ts";
import { formatOfSubprotocol } from "../../src/protocol/index.ts";
import type { MemoryServer, MemorySocket, Message } from "../memory-server.ts";
import { START_MS } from "../event-queue.ts";

/** One way of a line: how long a message takes, milliseconds. */
export type LineDelay = () => number;

interface Lines {
  readonly up: LineDelay;
  readonly down: LineDelay;
}

interface Timer {
  isCleared: boolean;
}

type Listener = (event: never) => void;

const OPEN = 1;
const CLOSED = 3;

/** A runtime of one client. Its clock begins at `originMs`, as a page's does. */
export function memoryRuntime(server: MemoryServer, lines: Lines, originMs = 0): ClientRuntime {
  const { clock } = server;
  return {
    now: () => clock.nowMs - START_MS + originMs,
    random: () => 0.5,
    setTimeout: (run, delayMs) => {
      const timer: Timer = { isCleared: false };
      clock.after(delayMs, () => {
        if (!timer.isCleared) run();
      });
      return timer;
    },
    clearTimeout: (timer) => {
      if (timer !== undefined && timer !== null) (timer as Timer).isCleared = true;
    },
    webSocket: class extends MemoryWebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, server, lines);
      }
    },
    page: null,
  };
}

class MemoryWebSocket implements WebSocketLike {
  binaryType = "arraybuffer";
  readyState = 0;
  readonly bufferedAmount = 0;
  readonly #server: MemoryServer;
  readonly #lines: Lines;
  readonly #listeners = new Map<string, Listener[]>();
  #socket: MemorySocket | undefined;
  #lastUpMs = 0;
  #lastDownMs = 0;

  constructor(url: string, protocols: string[], server: MemoryServer, lines: Lines) {
    this.#server = server;
    this.#lines = lines;
    const [, room] = /\/rooms\/([^/]+)\/stream/.exec(url) ?? [];
    this.#up(() => {
      this.#socket = server.connect(room, formatOfSubprotocol(protocols[0])!, {
        message: (message) => this.#down(() => this.#receive(message)),
        closed: (code, reason) =>
          this.#down(() => {
            this.readyState = CLOSED;
            this.#emit("close", { code, reason });
          }),
      });
      this.#down(() => {
        this.readyState = OPEN;
        this.#emit("open", {});
      });
    });
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: Message): void {
    const copy = typeof data === "string" ? data : data.slice();
    this.#up(() => this.#socket?.receive(copy));
  }

  close(): void {
    this.readyState = CLOSED;
    this.#up(() => this.#socket?.lose());
  }

  #receive(message: Message): void {
    if (this.readyState !== OPEN) return;
    this.#emit("message", { data: typeof message === "string" ? message : message.slice().buffer });
  }

  #up(arrive: () => void): void {
    this.#lastUpMs = this.#carry(this.#lastUpMs, this.#lines.up(), arrive);
  }

  #down(arrive: () => void): void {
    this.#lastDownMs = this.#carry(this.#lastDownMs, this.#lines.down(), arrive);
  }

  #carry(lastMs: number, delayMs: number, arrive: () => void): number {
    const { clock } = this.#server;
    const atMs = Math.max(lastMs, clock.nowMs + delayMs);
    clock.after(atMs - clock.nowMs, arrive);
    return atMs;
  }

  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      (listener as (event: unknown) => void)(event);
    }
  }
}
