// What a player holds: nothing yet, whole frames, or its client's stream. Each state answers for the newest
// frame and for the frames in the stream encoding. A state is made when a player changes its kind of frames
// and is overwritten by each frame, so that a frame allocates none.
import type { FrameSource } from "../../protocol/index.ts";
import type { PlayerStream } from "./player-stream.ts";
import type { StoredFrame } from "./stored-frame.ts";
import type { TranscodedStream } from "./transcoded-stream.ts";

export type PlayerContent = EmptyContent | WholeContent | StreamedContent;

/** Nobody has written: the identity frame. */
export interface EmptyContent {
  readonly state: "empty";
  readonly frame: StoredFrame;
}

/** JSON or binary frames, none of which needs another. */
export interface WholeContent {
  readonly state: "whole";
  frame: StoredFrame;
  source: FrameSource;
  /** The same frames for those who receive the stream encoding. */
  readonly transcoded: TranscodedStream;
}

/** The stream encoding, as its client sends it. */
export interface StreamedContent {
  readonly state: "streamed";
  stream: PlayerStream;
  receivedMs: number;
  payloadBytes: number;
  /** The newest that somebody has asked for: most frames are forwarded and never looked at. */
  frame: StoredFrame | undefined;
}
