// What the client needs of the world: time, chance and sockets. Browsers, Bun and Node 22 have all of
// it; tests bring their own.

/** The part of a WebSocket that the client uses. The platform's own satisfies it. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** Bytes that were sent and have not left yet. */
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

/** WebSocket.OPEN, which an injected class need not have. */
export const SOCKET_OPEN = 1;

/** Time, chance and sockets. */
export interface ClientRuntime {
  /** A clock that never goes back, milliseconds: `performance.now`. */
  readonly now: () => number;
  /** Uniform in 0..1: `Math.random`. */
  readonly random: () => number;
  readonly setTimeout: (run: () => void, delayMs: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly webSocket: WebSocketConstructor;
}

/** The platform's runtime, with what `overrides` has in its place. @throws {Error} without WebSocket. */
export function clientRuntime(overrides: Partial<ClientRuntime> = {}): ClientRuntime {
  const webSocket = overrides.webSocket ?? globalThis.WebSocket;
  if (webSocket === undefined) {
    throw new Error("there is no WebSocket here: Node needs 22, or pass runtime.webSocket");
  }
  return {
    now: () => performance.now(),
    random: () => Math.random(),
    setTimeout: (run, delayMs) => setTimeout(run, delayMs),
    clearTimeout: (timer) => clearTimeout(timer as number),
    ...overrides,
    webSocket,
  };
}
