// Reads a batch entry by entry; its fields hold the entry that `next` found.
//
//   const batch = new BatchReader(bytes);
//   while (batch.next()) use(batch.kind, batch.playerIndex, batch.frame, batch.payload);
import {
  BATCH_HEADER_BYTES,
  captureTimeUsOf,
  ENTRY_KEY_FLAG,
  ENTRY_REVISION_FLAG,
  ENTRY_TELEPORTS_SHIFT,
  EntryKind,
  FULL_STATE_FLAG,
  KIND_MASK,
  SKELETON_ID_BYTES,
  VARINT_MAX,
} from "./batch-entry.ts";
import { badData, MessageType, messageTypeOf } from "./data.ts";
import type { FrameMark } from "./frame-header.ts";
import type { ProtocolError } from "./errors.ts";

export class BatchReader {
  readonly sequence: number;
  readonly serverTimeUs: number;
  readonly isFullState: boolean;
  playerIndex = 0;
  kind: EntryKind = EntryKind.Frame;
  /** Of a frame; after any other entry, of the last frame. */
  readonly frame: FrameMark = { isKey: false, number: 0, teleports: 0 };
  /** Of a frame; null: its number tells it, see `revisionByNumber`. */
  revision: number | null = null;
  /** Of a frame: on the server's clock, microseconds since 1970. */
  captureTimeUs = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  // Offsets of a skeleton's id, of the entry's payload and of the next entry.
  #idAt = 0;
  #payloadAt = BATCH_HEADER_BYTES;
  #at = BATCH_HEADER_BYTES;

  /** @throws {ProtocolError} if the header is not a batch's. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    if (messageTypeOf(bytes) !== MessageType.Batch) throw badData("byte 0: expected a batch");
    if (bytes.length < BATCH_HEADER_BYTES)
      throw badData(`byte ${bytes.length}: the batch's header is cut off`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.isFullState = (bytes[0] & FULL_STATE_FLAG) !== 0;
    this.sequence = this.#view.getUint32(1, true);
    this.serverTimeUs = this.#view.getFloat64(5, true);
  }

  /** The entry's payload, in the batch's memory. Each call makes a view. Of a skeleton, empty: the receiver holds it. */
  get payload(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#payloadAt, this.#at);
  }

  /** Of a skeleton. */
  get skeletonId(): bigint {
    return this.#view.getBigUint64(this.#idAt);
  }

  /** Moves to the next entry; false at the end. @throws {ProtocolError} if it cannot be read. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false;
    this.playerIndex += this.#readVarint();
    const headAt = this.#at;
    const head = this.#readByte();
    switch (head & KIND_MASK) {
      case EntryKind.Frame:
        this.kind = EntryKind.Frame;
        this.frame.isKey = (head & ENTRY_KEY_FLAG) !== 0;
        this.frame.teleports = head >> ENTRY_TELEPORTS_SHIFT;
        this.frame.number = this.#readByte();
        this.revision = (head & ENTRY_REVISION_FLAG) === 0 ? null : this.#readVarint();
        this.captureTimeUs = captureTimeUsOf(this.serverTimeUs, this.#readVarint());
        this.#readPayload();
        return true;
      case EntryKind.Skeleton:
        this.kind = EntryKind.Skeleton;
        this.#idAt = this.#at;
        this.#skip(SKELETON_ID_BYTES);
        this.#readPayload();
        return true;
      case EntryKind.OutOfSight:
        this.kind = EntryKind.OutOfSight;
        this.#payloadAt = this.#at;
        return true;
      default:
        throw badData(`byte ${headAt}: an entry of kind ${head & KIND_MASK} is unknown`);
    }
  }

  #readPayload(): void {
    const length = this.#readVarint();
    this.#payloadAt = this.#at;
    this.#skip(length);
  }

  #skip(length: number): void {
    if (this.#at + length > this.#bytes.length) {
      throw badData(`byte ${this.#at}: ${length} bytes of an entry are cut off`);
    }
    this.#at += length;
  }

  #readByte(): number {
    if (this.#at >= this.#bytes.length) throw this.#cutOff();
    return this.#bytes[this.#at++];
  }

  #readVarint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#readByte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > VARINT_MAX) throw badData(`byte ${this.#at}: a number has more than 5 bytes`);
    }
  }

  #cutOff(): ProtocolError {
    return badData(`byte ${this.#at}: an entry is cut off`);
  }
}
