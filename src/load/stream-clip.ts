// A clip in the stream encoding. Every client encodes each frame when it sends it. A received frame is
// recognised as a frame of the clip within the errors that the encoding guarantees.
import { createPose, isSameSkeleton, poseOf, skeletonOf } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { StreamPublication } from "../protocol/index.ts";
import type { Clip } from "../recording/clip.ts";
import type { Inspector, LoadMotion, Publication } from "./load-motion.ts";
import type { PoseMatch } from "./pose-match.ts";
import { StreamInspector } from "./stream-inspector.ts";

export class StreamClip implements LoadMotion {
  readonly skeleton: Skeleton;
  readonly #poses: readonly Pose[];

  /** @throws {Error} if frames differ in their bones or blend shapes. */
  constructor(frames: Clip) {
    this.skeleton = skeletonOf(frames[0]);
    this.#poses = frames.map((frame, index) => {
      if (!isSameSkeleton(skeletonOf(frame), this.skeleton)) {
        throw new Error(`line ${index + 1} has other bones or blend shapes than line 1`);
      }
      return poseOf(frame, createPose(this.skeleton));
    });
  }

  get frameCount(): number {
    return this.#poses.length;
  }

  publication(firstFrame: number): Publication {
    return new StreamClipPublication(this.skeleton, this.#poses, firstFrame);
  }

  inspector(players: number): Inspector {
    return new StreamInspector(this, players);
  }

  /** The first frame that `pose` matches, searched from `from` and around the clip's end; -1: none. */
  find(pose: Pose, from: number, match: PoseMatch): number {
    const poses = this.#poses;
    for (let step = 0; step < poses.length; step++) {
      const index = (from + step) % poses.length;
      if (match.isMatch(poses[index], pose)) return index;
    }
    return -1;
  }
}

/** The first frame is the rest pose of the others. */
class StreamClipPublication implements Publication {
  readonly #skeleton: Skeleton;
  readonly #poses: readonly Pose[];
  readonly #publication = new StreamPublication();
  #index: number;

  constructor(skeleton: Skeleton, poses: readonly Pose[], firstFrame: number) {
    this.#skeleton = skeleton;
    this.#poses = poses;
    this.#index = firstFrame;
  }

  get opening(): Uint8Array<ArrayBuffer> | undefined {
    return this.#publication.opening;
  }

  next(sentLow32: number): Uint8Array<ArrayBuffer> {
    const pose = this.#poses[this.#index];
    this.skip();
    return this.#publication.encode(this.#skeleton, pose, { captureTimeUs: sentLow32 });
  }

  skip(): void {
    this.#index = (this.#index + 1) % this.#poses.length;
  }
}
