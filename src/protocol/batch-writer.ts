// Builds batches. All use the same memory, and frames allocate nothing.
//
//   writer.begin({ sequence, serverTimeUs, isFullState: false });
//   writer.addFrame(index, frame, null, payload);
//   send(writer.finish());
//
// Entries that go into many batches of the same time are encoded once and copied:
//
//   writer.beginKeeping(serverTimeUs);
//   const kept = writer.keepFrame(frame, null, payload);
//   for (…) {
//     writer.begin({ sequence, serverTimeUs, isFullState: false });
//     writer.addKept(index, kept);
//     send(writer.finish());
//   }
import {
  ageCodeOf,
  BATCH_HEADER_BYTES,
  ENTRY_KEY_FLAG,
  ENTRY_REVISION_FLAG,
  ENTRY_TELEPORTS_SHIFT,
  EntryKind,
  FULL_STATE_FLAG,
  SKELETON_ID_BYTES,
} from "./batch-entry.ts";
import { MessageType } from "./data.ts";
import type { FrameMark } from "./frame-header.ts";

/** A frame as an entry holds it. */
export interface BatchFrame extends Readonly<FrameMark> {
  /** On the server's clock, microseconds since 1970. */
  readonly captureTimeUs: number;
}

// A view of so few bytes costs more than a loop.
const LOOPED_BYTES_MAX = 128;

// A step, a head, an id and three more varints.
const ENTRY_HEADER_BYTES_MAX = 5 + 2 + SKELETON_ID_BYTES + 3 * 5;

export class BatchWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #frameCount = 0;
  #serverTimeUs = 0;
  #lastIndex = 0;
  // Kept entries are before the batch, in the same memory: copying within it needs no view. The last of the ends is
  // where the batch begins.
  #keptEnds = new Int32Array(256);
  #keptCount = 0;
  #batchAt = 0;

  /** Forgets what was kept. What is kept from now on goes into batches of this time. */
  beginKeeping(serverTimeUs: number): void {
    this.#serverTimeUs = serverTimeUs;
    this.#keptCount = 0;
    this.#batchAt = 0;
  }

  /**
   * Encodes the entry of a frame, as `addFrame` does, for batches that begin later.
   * @returns its number, which counts from 0 after `beginKeeping`.
   */
  keepFrame(frame: BatchFrame, revision: number | null, bytes: Uint8Array, payloadAt = 0): number {
    this.#length = this.#batchAt;
    this.#reserve(ENTRY_HEADER_BYTES_MAX + bytes.length - payloadAt);
    this.#writeFrame(frame, revision, bytes, payloadAt);
    if (this.#keptCount === this.#keptEnds.length) {
      const grown = new Int32Array(2 * this.#keptCount);
      grown.set(this.#keptEnds);
      this.#keptEnds = grown;
    }
    this.#batchAt = this.#length;
    this.#keptEnds[this.#keptCount] = this.#length;
    return this.#keptCount++;
  }

  /** Bytes of a kept entry, without the step to its player. */
  keptBytes(kept: number): number {
    return this.#keptEnds[kept] - this.#keptAt(kept);
  }

  /** Starts a batch. `isFullState`: it holds everybody in sight, and replaces what the receiver knew. */
  begin(batch: { sequence: number; serverTimeUs: number; isFullState: boolean }): void {
    const at = this.#batchAt;
    this.#length = at;
    this.#reserve(BATCH_HEADER_BYTES);
    this.#bytes[at] = MessageType.Batch | (batch.isFullState ? FULL_STATE_FLAG : 0);
    this.#view.setUint32(at + 1, batch.sequence, true);
    this.#view.setFloat64(at + 5, batch.serverTimeUs, true);
    this.#length = at + BATCH_HEADER_BYTES;
    this.#serverTimeUs = batch.serverTimeUs;
    this.#frameCount = 0;
    this.#lastIndex = 0;
  }

  /** Frames in the batch so far. */
  get frameCount(): number {
    return this.#frameCount;
  }

  /**
   * Adds one player's frame, whose payload begins at `payloadAt` of `bytes`. `revision`: null if the receiver knows
   * it from the frame's number.
   * @throws {RangeError} if entries of players with higher indices were added before.
   */
  addFrame(
    playerIndex: number,
    frame: BatchFrame,
    revision: number | null,
    bytes: Uint8Array,
    payloadAt = 0,
  ): void {
    this.#beginEntry(playerIndex, bytes.length - payloadAt);
    this.#writeFrame(frame, revision, bytes, payloadAt);
    this.#frameCount++;
  }

  /** Adds a kept frame as this player's. @throws {RangeError} as `addFrame`. */
  addKept(playerIndex: number, kept: number): void {
    const at = this.#keptAt(kept);
    const end = this.#keptEnds[kept];
    this.#beginEntry(playerIndex, end - at);
    this.#bytes.copyWithin(this.#length, at, end);
    this.#length += end - at;
    this.#frameCount++;
  }
  /** Adds the skeleton of one player's frames that follow. No payload: the receiver holds it. */
  addSkeleton(playerIndex: number, id: bigint, payload: Uint8Array | null): void {
    const payloadBytes = payload?.length ?? 0;
    this.#beginEntry(playerIndex, payloadBytes);
    this.#bytes[this.#length++] = EntryKind.Skeleton;
    this.#view.setBigUint64(this.#length, id);
    this.#length += SKELETON_ID_BYTES;
    this.#writeVarint(payloadBytes);
    if (payload !== null) this.#bytes.set(payload, this.#length);
    this.#length += payloadBytes;
  }

  /** Says that one player has left the receiver's sight. */
  addOutOfSight(playerIndex: number): void {
    this.#beginEntry(playerIndex, 0);
    this.#bytes[this.#length++] = EntryKind.OutOfSight;
  }

  /** The batch so far. The memory is used again by the next `begin`. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#batchAt, this.#length);
  }

  #keptAt(kept: number): number {
    return kept === 0 ? 0 : this.#keptEnds[kept - 1];
  }

  #writeFrame(
    frame: BatchFrame,
    revision: number | null,
    bytes: Uint8Array,
    payloadAt: number,
  ): void {
    const payloadBytes = bytes.length - payloadAt;
    this.#bytes[this.#length++] =
      EntryKind.Frame |
      (frame.isKey ? ENTRY_KEY_FLAG : 0) |
      (revision === null ? 0 : ENTRY_REVISION_FLAG) |
      (frame.teleports << ENTRY_TELEPORTS_SHIFT);
    this.#bytes[this.#length++] = frame.number;
    if (revision !== null) this.#writeVarint(revision);
    this.#writeVarint(ageCodeOf(this.#serverTimeUs, frame.captureTimeUs));
    this.#writeVarint(payloadBytes);
    if (payloadBytes > LOOPED_BYTES_MAX) {
      this.#bytes.set(bytes.subarray(payloadAt), this.#length);
      this.#length += payloadBytes;
    } else {
      for (let at = payloadAt; at < bytes.length; at++) this.#bytes[this.#length++] = bytes[at];
    }
  }

  #beginEntry(playerIndex: number, payloadBytes: number): void {
    const step = playerIndex - this.#lastIndex;
    if (step < 0) throw new RangeError(`player ${playerIndex} after player ${this.#lastIndex}`);
    this.#lastIndex = playerIndex;
    this.#reserve(ENTRY_HEADER_BYTES_MAX + payloadBytes);
    this.#writeVarint(step);
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
