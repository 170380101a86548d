// What a load publishes, and how receivers recognise it: one interface, implemented for the formats whose
// frames need no other frames and for the stream encoding.
import type { BatchReader } from "../protocol/index.ts";

/** A clip in one format. */
export interface LoadMotion {
  /** Frames of the clip. */
  readonly frameCount: number;
  /** What the client of this player sends, starting at this frame of the clip. */
  publication(firstFrame: number, player: number): Publication;
  /** Checks what receivers in a room of `players` get; they may share it. */
  inspector(players: number): Inspector;
}

export interface Publication {
  /** The message to send before the frame that `next` returned last; undefined: none. */
  readonly opening: Uint8Array<ArrayBuffer> | undefined;
  /** The message of the clip's next frame, in memory that the next call overwrites. */
  next(sentLow32: number): Uint8Array<ArrayBuffer>;
  /** Skips the next frame without encoding it. */
  skip(): void;
}

/** An entry of a batch. */
export interface ReceivedEntry {
  readonly batch: BatchReader;
  /** Of a frame. */
  readonly revision: number;
}

export interface Inspector {
  /**
   * Reads a batch's entry of `player`, -1 for one who is not checked; call it for every entry. Returns whether the frame is the one that
   * was sent, or undefined if that was not checked. Every frame with `isDue` is checked if possible.
   */
  inspect(player: number, entry: ReceivedEntry, isDue: boolean): boolean | undefined;
  /** The player has left the receiver's sight: what comes later needs nothing from before. */
  forget(player: number): void;
}
