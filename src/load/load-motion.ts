// What a load publishes, and how that is known again where it arrives: one interface, implemented for
// the formats whose frames stand alone and for the stream encoding.
import type { StreamFormat } from "../codec/index.ts";
import type { BatchReader } from "../protocol/index.ts";
import { decodeClip } from "../recording/clip.ts";
import { LoadClip } from "./load-clip.ts";
import { StreamClip } from "./stream-clip.ts";

/** A clip in one format. */
export interface LoadMotion {
  /** Of the clip. */
  readonly frameCount: number;
  /** What one client sends, from this frame of the clip on. */
  publication(firstFrame: number): Publication;
  /** For receivers in one room of `players`, who may share it. */
  inspector(players: number): Inspector;
}

export interface Publication {
  /** To be sent before the frame that `next` returned last; undefined if nothing is. */
  readonly opening: Uint8Array<ArrayBuffer> | undefined;
  /** The message of the clip's next frame, in memory that the next call uses again. */
  next(sentLow32: number): Uint8Array<ArrayBuffer>;
  /** On to the frame after it: this one is never encoded. */
  skip(): void;
}

export interface Inspector {
  /**
   * Reads a batch's entry of `player`; call it for every one. Where `isDue`, or where it looks closer
   * anyway, it tells whether what came is what was sent; undefined: it did not look, or cannot know.
   */
  inspect(player: number, batch: BatchReader, isDue: boolean): boolean | undefined;
}

/** @throws {DecodeError}, {EncodeError} for a file that is no clip. */
export function loadMotion(file: Uint8Array<ArrayBuffer>, format: StreamFormat): LoadMotion {
  const frames = decodeClip(file);
  if (frames.length === 0) throw new Error("no frames in it");
  return format === "stream" ? new StreamClip(frames) : new LoadClip(frames, format);
}
