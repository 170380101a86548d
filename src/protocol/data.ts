// Data messages: binary WebSocket messages, little-endian. docs/protocol.md has the grammar.
//
//   Frame  = flags:u8 number:u8 captureTime:u32 payload            type 2 in the low 4 bits of flags
//   Batch  = type:u8 sequence:u32 serverTime:f64 Entry*            bit 4 of the type: full state
//   Entry  = playerIndex:varint revision:varint length:varint (Frame | Skeleton)
//   Skeleton = type:u8 payload
//   Ack    = type:u8 sequence:u32
//
// A server forwards a Frame unchanged: its 6 header bytes are all that it needs to keep or drop it.
import { CloseCode } from "./close-codes.ts";
import { ProtocolError } from "./errors.ts";

/** The low 4 bits of a data message's first byte. */
export const MessageType = { Skeleton: 1, Frame: 2, Batch: 3, Ack: 4 } as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

const TYPE_MASK = 0x0f;
const LAYER_SHIFT = 4;
const LAYER_MASK = 0x30;
const KEY_FLAG = 0x40;
const NO_CAPTURE_TIME_FLAG = 0x80;
const FULL_STATE_FLAG = 0x10;

/** Bytes before a skeleton's payload. */
export const SKELETON_HEADER_BYTES = 1;
/** Bytes before a frame's payload. */
export const FRAME_HEADER_BYTES = 6;
const BATCH_HEADER_BYTES = 13;
const ACK_BYTES = 5;

/**
 * Frame and Skeleton messages that a connection may publish [S28]. A second: twice the rate of the fastest
 * headsets, 120 Hz. At once: 10 s of 120 Hz, from a connection that was held up as long as silence may last.
 */
export const PUBLISH_LIMIT = { perSecond: 240, burst: 1200 } as const;

/** The header of a frame. */
export interface FrameHeader {
  /** Temporal layer, 0 to 3. JSON and binary frames are layer 0. */
  layer: number;
  /** The frame refers to no other frame. JSON and binary frames never do. */
  isKey: boolean;
  /** Counts the publisher's frames modulo 256. */
  number: number;
  /** Low 32 bits of the capture time in microseconds on the server's clock; null: not known. */
  captureTimeUs: number | null;
}

const KNOWN_TYPES: (MessageType | undefined)[] = [];
for (const type of Object.values(MessageType)) KNOWN_TYPES[type] = type;

/** The type of a data message. @throws {ProtocolError} for an empty message or an unknown type. */
export function messageTypeOf(bytes: Uint8Array): MessageType {
  if (bytes.length === 0) throw bad("byte 0: the message is empty");
  const type = bytes[0] & TYPE_MASK;
  const known = KNOWN_TYPES[type];
  if (known !== undefined) return known;
  throw new ProtocolError(
    CloseCode.UnknownMessageType,
    `byte 0: data message type ${type} is unknown`,
  );
}

/** Writes the 6 bytes of a frame's header to `out` at `at`. */
export function writeFrameHeader(header: Readonly<FrameHeader>, out: Uint8Array, at: number): void {
  const time = header.captureTimeUs;
  out[at] =
    MessageType.Frame |
    (header.layer << LAYER_SHIFT) |
    (header.isKey ? KEY_FLAG : 0) |
    (time === null ? NO_CAPTURE_TIME_FLAG : 0);
  out[at + 1] = header.number;
  writeU32(time ?? 0, out, at + 2);
}

/** Reads the 6 bytes at `at` into `out`. @throws {ProtocolError} if they are not a frame's header. */
export function readFrameHeader(bytes: Uint8Array, at: number, out: FrameHeader): FrameHeader {
  if (bytes.length < at + FRAME_HEADER_BYTES)
    throw bad(`byte ${bytes.length}: the frame's header is cut off`);
  const flags = bytes[at];
  if ((flags & TYPE_MASK) !== MessageType.Frame) throw bad(`byte ${at}: expected a frame`);
  out.layer = (flags & LAYER_MASK) >> LAYER_SHIFT;
  out.isKey = (flags & KEY_FLAG) !== 0;
  out.number = bytes[at + 1];
  out.captureTimeUs = (flags & NO_CAPTURE_TIME_FLAG) === 0 ? readU32(bytes, at + 2) : null;
  return out;
}

/** An acknowledgement: the newest batch that a receiver has read. */
export function encodeAck(sequence: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ACK_BYTES);
  bytes[0] = MessageType.Ack;
  writeU32(sequence, bytes, 1);
  return bytes;
}

/** @throws {ProtocolError} unless the message has 5 bytes. */
export function decodeAck(bytes: Uint8Array): number {
  if (bytes.length !== ACK_BYTES)
    throw bad(`byte 0: the ack has ${bytes.length} bytes; expected ${ACK_BYTES}`);
  return readU32(bytes, 1);
}

/** Builds batches. All use the same memory. */
export class BatchWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #entryCount = 0;

  /** Starts a batch. `isFullState`: it holds every player, and replaces what the receiver knew. */
  begin(batch: { sequence: number; serverTimeUs: number; isFullState: boolean }): void {
    this.#bytes[0] = MessageType.Batch | (batch.isFullState ? FULL_STATE_FLAG : 0);
    this.#view.setUint32(1, batch.sequence, true);
    this.#view.setFloat64(5, batch.serverTimeUs, true);
    this.#length = BATCH_HEADER_BYTES;
    this.#entryCount = 0;
  }

  /** Frames in the batch so far. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** Adds one player's frame. */
  add(playerIndex: number, revision: number, header: FrameHeader, payload: Uint8Array): void {
    const length = FRAME_HEADER_BYTES + payload.length;
    this.#reserve(15 + length);
    this.#writeVarint(playerIndex);
    this.#writeVarint(revision);
    this.#writeVarint(length);
    writeFrameHeader(header, this.#bytes, this.#length);
    this.#bytes.set(payload, this.#length + FRAME_HEADER_BYTES);
    this.#length += length;
    this.#entryCount++;
  }

  /** Adds one player's frame: a whole message, its header included. */
  forward(playerIndex: number, revision: number, message: Uint8Array): void {
    this.#reserve(15 + message.length);
    this.#writeVarint(playerIndex);
    this.#writeVarint(revision);
    this.#writeVarint(message.length);
    this.#bytes.set(message, this.#length);
    this.#length += message.length;
    this.#entryCount++;
  }

  /** Adds one player's skeleton, which the frames after it are of. */
  addSkeleton(playerIndex: number, revision: number, payload: Uint8Array): void {
    const length = SKELETON_HEADER_BYTES + payload.length;
    this.#reserve(15 + length);
    this.#writeVarint(playerIndex);
    this.#writeVarint(revision);
    this.#writeVarint(length);
    this.#bytes[this.#length] = MessageType.Skeleton;
    this.#bytes.set(payload, this.#length + SKELETON_HEADER_BYTES);
    this.#length += length;
  }

  /** The batch so far. The memory is used again by the next `begin`. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  #writeVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      // Not >>: a revision may have more than 31 bits.
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }
}

/**
 * Reads a batch entry by entry; its fields hold the entry that `next` found.
 *
 *   const batch = new BatchReader(bytes);
 *   while (batch.next()) use(batch.playerIndex, batch.revision, batch.header, batch.payload);
 */
export class BatchReader {
  readonly sequence: number;
  readonly serverTimeUs: number;
  readonly isFullState: boolean;
  playerIndex = 0;
  revision = 0;
  /** Whether the entry is a skeleton; `header` is then the last frame's. */
  isSkeleton = false;
  readonly header: FrameHeader = { layer: 0, isKey: false, number: 0, captureTimeUs: null };
  readonly #bytes: Uint8Array<ArrayBuffer>;
  // Offsets of the entry's payload and of the next entry.
  #payloadAt = BATCH_HEADER_BYTES;
  #at = BATCH_HEADER_BYTES;

  /** @throws {ProtocolError} if the header is not a batch's. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    if (messageTypeOf(bytes) !== MessageType.Batch) throw bad("byte 0: expected a batch");
    if (bytes.length < BATCH_HEADER_BYTES)
      throw bad(`byte ${bytes.length}: the batch's header is cut off`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes = bytes;
    this.isFullState = (bytes[0] & FULL_STATE_FLAG) !== 0;
    this.sequence = view.getUint32(1, true);
    this.serverTimeUs = view.getFloat64(5, true);
  }

  /** The entry's payload, in the batch's memory. Each call makes a view. */
  get payload(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#payloadAt, this.#at);
  }

  /** Moves to the next entry; false at the end. @throws {ProtocolError} if the entry is cut off. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false;
    this.playerIndex = this.#readVarint();
    this.revision = this.#readVarint();
    const length = this.#readVarint();
    const end = this.#at + length;
    if (end > this.#bytes.length || length === 0) throw this.#cutOff(length);
    this.isSkeleton = this.#bytes[this.#at] === MessageType.Skeleton;
    if (this.isSkeleton) {
      this.#payloadAt = this.#at + SKELETON_HEADER_BYTES;
    } else {
      if (length < FRAME_HEADER_BYTES) throw this.#cutOff(length);
      readFrameHeader(this.#bytes, this.#at, this.header);
      this.#payloadAt = this.#at + FRAME_HEADER_BYTES;
    }
    this.#at = end;
    return true;
  }

  #cutOff(length: number): ProtocolError {
    return bad(`byte ${this.#at}: an entry of ${length} bytes is cut off`);
  }

  #readVarint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.#at >= this.#bytes.length) throw bad(`byte ${this.#at}: a number is cut off`);
      const byte = this.#bytes[this.#at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      // 5 bytes hold 35 bits: more than a revision of 90 Hz needs in ten years.
      if (scale > 128 ** 4) throw bad(`byte ${this.#at}: a number has more than 5 bytes`);
    }
  }
}

function bad(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

function writeU32(value: number, out: Uint8Array, at: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
