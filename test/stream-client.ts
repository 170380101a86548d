// A streaming client that does nothing by itself: what it sends is what a test says, and all that comes
// waits in its inbox. Transports extend it.
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import type { AvatarFrame, Format } from "../src/codec/index.ts";
import {
  BatchReader,
  FRAME_HEADER_BYTES,
  decodeServerMessage,
  encodeAck,
  writeFrameHeader,
} from "../src/protocol/index.ts";
import type { ClientMessage, ServerMessage } from "../src/protocol/index.ts";
import { smallFrame } from "./frames.ts";
import type { Message } from "./memory-server.ts";

/** A batch as a plain object, to compare. */
export interface ReceivedBatch {
  readonly type: "batch";
  readonly sequence: number;
  readonly isFullState: boolean;
  readonly serverTimeUs: number;
  readonly entries: readonly ReceivedEntry[];
}

export interface ReceivedEntry {
  readonly index: number;
  readonly revision: number;
  readonly number: number;
  readonly captureTimeUs: number | null;
  /** The frame's `rootTransform.worldPosition.x`, which tells frames apart. */
  readonly x: number;
  /** Of the payload. */
  readonly byteLength: number;
}

export type Received = ServerMessage | ReceivedBatch;
export type ReceivedType = Received["type"];

/** One message from a server. @throws {Error} for a type that the protocol does not have. */
export function decodeReceived(message: Message, format: Format): Received {
  if (typeof message !== "string") return decodeBatch(message, format);
  const decoded = decodeServerMessage(message);
  if (decoded === undefined) throw new Error(`the server said ${message}`);
  return decoded;
}

function decodeBatch(bytes: Uint8Array<ArrayBuffer>, format: Format): ReceivedBatch {
  const reader = new BatchReader(bytes);
  const { sequence, isFullState, serverTimeUs } = reader;
  const entries: ReceivedEntry[] = [];
  while (reader.next()) {
    const { playerIndex: index, revision, payload } = reader;
    const { number, captureTimeUs } = reader.header;
    const x = rootXOf(payload, format);
    entries.push({ index, revision, number, captureTimeUs, x, byteLength: payload.length });
  }
  return { type: "batch", sequence, isFullState, serverTimeUs, entries };
}

/** `rootTransform.worldPosition.x`; NaN where a document has none. */
export function rootXOf(payload: Uint8Array<ArrayBuffer>, format: Format): number {
  if (format === "binary")
    return new DataView(payload.buffer, payload.byteOffset).getFloat32(0, true);
  const document = JSON.parse(utf8.decode(payload)) as Partial<AvatarFrame>;
  return document.rootTransform?.worldPosition?.x ?? NaN;
}

const utf8 = new TextDecoder();

/** A frame that only JSON can hold, [B9]: `$.comment` is the place. */
export function jsonOnlyFrame(x: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ ...smallFrame(x), comment: "mine" }));
}

export function encodeFrame(frame: AvatarFrame, format: Format): Uint8Array<ArrayBuffer> {
  return format === "json" ? encodeJson(frame) : encodeBinary(frame);
}

/** A data message that publishes `payload`. */
export function frameMessage(
  payload: Uint8Array,
  header: { number?: number; captureTimeUs?: number | null } = {},
): Uint8Array<ArrayBuffer> {
  const { number = 0, captureTimeUs = null } = header;
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, 0, { layer: 0, isKey: true, number, captureTimeUs });
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

export interface ClosedWith {
  readonly code: number;
  readonly reason: string;
}

export abstract class StreamClient {
  readonly format: Format;
  /** What has come and nobody has taken yet. */
  readonly inbox: Received[] = [];
  /** Of the batch that came last, taken or not. */
  newestSequence = 0;
  closedWith: ClosedWith | undefined;
  #pings = 1_000_000;

  constructor(format: Format) {
    this.format = format;
  }

  abstract send(message: Message): void;
  /** The connection is lost, without a goodbye. */
  abstract kill(): void;
  /** Lets something come. @throws {Error} when nothing has come for long enough. */
  protected abstract wait(): Promise<void> | void;

  say(message: ClientMessage): void {
    this.send(JSON.stringify(message));
  }

  join(request: Omit<Extract<ClientMessage, { type: "join" }>, "type"> = {}): void {
    this.say({ type: "join", ...request });
  }

  /** Publishes the small frame of this x. */
  publish(x: number, captureTimeUs: number | null = null): void {
    this.send(frameMessage(encodeFrame(smallFrame(x), this.format), { captureTimeUs }));
  }

  acknowledge(sequence: number): void {
    this.send(encodeAck(sequence));
  }

  /** Takes all that has come. */
  take(): Received[] {
    return this.inbox.splice(0);
  }

  /** Takes all that has come of one type; the rest is dropped. */
  takeAll<T extends ReceivedType>(type: T): Extract<Received, { type: T }>[] {
    return this.take().filter(
      (message): message is Extract<Received, { type: T }> => message.type === type,
    );
  }

  /** The next message of a type; what comes before it is dropped. */
  async next<T extends ReceivedType>(type: T): Promise<Extract<Received, { type: T }>> {
    for (;;) {
      const message = this.inbox.shift();
      if (message?.type === type) return message as Extract<Received, { type: T }>;
      if (message !== undefined) continue;
      if (this.closedWith !== undefined) throw this.#closedError(`${type} came`);
      await this.wait();
    }
  }

  /** What the server had sent to this client by the time that it read all that was sent to it. */
  async drain(): Promise<Received[]> {
    const id = this.#pings++;
    this.say({ type: "ping", id });
    const before: Received[] = [];
    for (;;) {
      const message = this.inbox.shift();
      if (message?.type === "pong" && message.id === id) return before;
      if (message !== undefined) before.push(message);
      else if (this.closedWith !== undefined) throw this.#closedError("the pong came");
      else await this.wait();
    }
  }

  /** How the server closes the connection. */
  async end(): Promise<ClosedWith> {
    while (this.closedWith === undefined) await this.wait();
    return this.closedWith;
  }

  protected receive(message: Message): void {
    const received = decodeReceived(message, this.format);
    if (received.type === "batch") this.newestSequence = received.sequence;
    this.inbox.push(received);
  }

  #closedError(awaited: string): Error {
    return new Error(`closed before ${awaited}: ${JSON.stringify(this.closedWith)}`);
  }
}
