// A WebSocket client on a bare TCP socket. It can offer anything, send anything and stop reading, which the
// platform's WebSocket does not let a test do.
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { StreamFormat } from "../src/codec/index.ts";
import type { Message } from "./memory-server.ts";
import { StreamClient } from "./stream-client.ts";

const Opcode = { Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

// When a test gives up. No test measures this time.
const PATIENCE_MS = 20_000;

/** An answer to a request for an upgrade, and the socket that it came on. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What came after the head. */
  readonly rest: Buffer;
  readonly socket: Socket;
}

/** Sends a handshake for this path; `headers` replace or, where undefined, leave out the usual ones. */
export async function requestUpgrade(
  port: number,
  path: string,
  headers: Record<string, string | undefined> = {},
): Promise<UpgradeAnswer> {
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", read);
      const [statusLine, ...fields] = received.toString("latin1", 0, end).split("\r\n");
      const answer = new Headers();
      for (const field of fields) {
        const colon = field.indexOf(":");
        answer.append(field.slice(0, colon), field.slice(colon + 1).trim());
      }
      const status = Number(statusLine.split(" ")[1]);
      resolve({ status, headers: answer, rest: received.subarray(end + 4), socket });
    };
    socket.on("data", read);
    socket.once("error", reject);
  });
}

export class RawWebSocket extends StreamClient {
  /** Of data messages, without the framing below them. */
  sentBytes = 0;
  receivedBytes = 0;
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  /** Connects to a room's stream. */
  static async open(
    port: number,
    options: { room?: string; format?: StreamFormat } = {},
  ): Promise<RawWebSocket> {
    const { room = "lobby", format = "json" } = options;
    const answer = await requestUpgrade(port, `/rooms/${room}/stream`, {
      "Sec-WebSocket-Protocol": `avatar-sync.v1.${format}`,
    });
    if (answer.status !== 101) throw new Error(`the handshake was answered ${answer.status}`);
    return new RawWebSocket(answer, format);
  }

  constructor({ socket, rest }: UpgradeAnswer, format: StreamFormat) {
    super(format);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => {});
    socket.on("close", () => this.#closed(1006, ""));
    this.#read(rest);
  }

  override send(message: Message): void {
    if (typeof message === "string") return this.sendFrame(Opcode.Text, Buffer.from(message));
    this.sentBytes += message.length;
    this.sendFrame(Opcode.Binary, message);
  }

  /** Any frame, whole and masked with zeros. */
  sendFrame(opcode: number, payload: Uint8Array): void {
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    if (length < 126) head[1] = 0x80 | length;
    else if (length < 65_536) {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 0x80 | 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat([head, ZERO_MASK, payload]));
  }

  override kill(): void {
    this.#socket.destroy();
  }

  /** Stops reading: what the server sends fills the buffers on the way. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  protected override async wait(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const late = setTimeout(() => reject(new Error("nothing comes")), PATIENCE_MS);
    try {
      await promise;
    } finally {
      clearTimeout(late);
    }
  }

  #read(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const frame = splitFrame(this.#unread);
      if (frame === undefined) break;
      this.#unread = frame.rest;
      this.#receiveFrame(frame.opcode, frame.payload);
    }
    this.#wake();
  }

  #receiveFrame(opcode: number, payload: Buffer): void {
    switch (opcode) {
      case Opcode.Text:
        return this.receive(payload.toString());
      case Opcode.Binary:
        this.receivedBytes += payload.length;
        return this.receive(new Uint8Array(payload));
      case Opcode.Ping:
        return this.sendFrame(Opcode.Pong, payload);
      case Opcode.Close: {
        const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
        this.#closed(code, payload.toString("utf8", 2));
        this.#socket.end();
      }
    }
  }

  #closed(code: number, reason: string): void {
    this.closedWith ??= { code, reason };
    this.#wake();
  }
}

const ZERO_MASK = Buffer.alloc(4);

/** The first WebSocket frame of these bytes, if it is all there. The server sends no fragments. */
function splitFrame(bytes: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 0x7f;
  const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headBytes) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = headBytes + length;
  if (bytes.length < end) return undefined;
  const payload = bytes.subarray(headBytes, end);
  return { opcode: bytes[0] & 0x0f, payload, rest: bytes.subarray(end) };
}
