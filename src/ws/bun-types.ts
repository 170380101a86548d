// The parts of Bun's server and WebSockets that are used here, as types of our own: the package's declarations
// compile in programs that do not have Bun's types. Bun's own objects satisfy them.

/** A part of `Bun.Server`. */
export interface BunServer {
  readonly hostname?: string | undefined;
  readonly port?: number | undefined;
  readonly url: URL;
  readonly pendingRequests: number;
  requestIP(request: Request): { readonly address: string } | null;
  publish(topic: string, data: string | Uint8Array<ArrayBuffer>): number;
  upgrade(
    request: Request,
    options: { data: unknown; headers: Readonly<Record<string, string>> },
  ): boolean;
}

/** A part of `Bun.ServerWebSocket`. */
export interface BunSocket {
  /** Whatever the handshake passed: another server's sockets carry something else. */
  readonly data: unknown;
  readonly readyState: number;
  binaryType?: string;
  send(data: string | Uint8Array<ArrayBuffer>): number;
  ping(): number;
  close(code?: number, reason?: string): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
}

/** A part of `Bun.WebSocketHandler`. */
export interface BunSocketHandler {
  readonly maxPayloadLength: number;
  readonly backpressureLimit: number;
  readonly closeOnBackpressureLimit: boolean;
  readonly perMessageDeflate: boolean;
  open(socket: BunSocket): void;
  message(socket: BunSocket, message: string | Uint8Array<ArrayBuffer>): void;
  pong(socket: BunSocket): void;
  close(socket: BunSocket, code: number): void;
}
