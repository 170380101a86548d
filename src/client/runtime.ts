// What the client needs of its platform: time, randomness and sockets. Browsers, Bun and Node 22 have them.
import { platformWindow } from "./page-life.ts";
import type { PageWindow } from "./page-life.ts";

/** The part of a WebSocket that the client uses. The platform's WebSocket has it, and that of `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** WebSocket.OPEN, which a class passed as `webSocket` may not have. */
export const SOCKET_OPEN = 1;

/** Time, randomness and sockets. */
export interface ClientRuntime {
  /** A clock that never goes back, milliseconds: `performance.now`. */
  readonly now: () => number;
  /** Uniform in 0..1: `Math.random`. */
  readonly random: () => number;
  readonly setTimeout: (run: () => void, delayMs: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly webSocket: WebSocketConstructor;
  /** The window of the page that this client is part of; null: there is none. */
  readonly page: PageWindow | null;
}

/** The platform's runtime, with `overrides`. @throws {Error} if there is no WebSocket. */
export function clientRuntime(overrides: Partial<ClientRuntime> = {}): ClientRuntime {
  const webSocket = overrides.webSocket ?? globalThis.WebSocket;
  if (webSocket === undefined) {
    throw new Error(
      "this platform has no WebSocket: use Node 22 or newer, or pass a class as runtime.webSocket, " +
        'for example that of the package "ws"',
    );
  }
  return {
    now: () => performance.now(),
    random: () => Math.random(),
    setTimeout: (run, delayMs) => setTimeout(run, delayMs),
    clearTimeout: (timer) => clearTimeout(timer as number),
    page: platformWindow(),
    ...overrides,
    webSocket,
  };
}
