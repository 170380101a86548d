// What a player's payloads decode to, in any format.
import type { FrameDocument, SkeletonPose } from "../codec/index.ts";
import type { FrameMark } from "../protocol/index.ts";
import type { ReceivedSkeleton } from "./skeleton-store.ts";

/** One decoded frame. */
export interface DecodedPayload {
  /**
   * The pose, which the next frame overwrites, and its skeleton: the same object while its content is
   * the same. Absent if the frame is not a whole pose.
   */
  readonly body?: SkeletonPose;
  /** JSON only: the frame as it was published. */
  readonly document?: FrameDocument;
  /** JSON only: the first place that keeps the document from being a pose. */
  readonly incompletePath?: string;
  /** Stream only: the frame refers to one that was not received. True: only a keyframe helps. */
  readonly isReferenceMissing?: boolean;
}

/** Decodes the payloads of one player. */
export interface PayloadDecoder {
  /** @throws {DecodeError}. The decoder is good for further frames. */
  decode(payload: Uint8Array, mark: Readonly<FrameMark>): DecodedPayload;
  /** Stream only: the skeleton of the frames that follow, and its content id. One that does not decode fails them. */
  setSkeleton?(id: bigint, skeleton: ReceivedSkeleton): void;
  /** Stream only: the frames that follow need a skeleton first. */
  forgetSkeleton?(): void;
}
