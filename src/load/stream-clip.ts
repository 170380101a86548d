// A clip in the stream encoding. Every client encodes each frame when it sends it. A received frame is
// recognised as a frame of the clip within the errors that the encoding guarantees.
import {
  createPose,
  isSameSkeleton,
  poseOf,
  skeletonOf,
  TRANSFORM_FLOATS,
} from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { StreamPublication } from "../protocol/index.ts";
import type { Clip } from "../recording/clip.ts";
import type { Inspector, LoadMotion, Publication } from "./load-motion.ts";
import type { PoseMatch } from "./pose-match.ts";
import { StreamInspector } from "./stream-inspector.ts";
import type { Walks } from "./walk.ts";

export class StreamClip implements LoadMotion {
  readonly skeleton: Skeleton;
  /** How the players' roots are moved on top of the clip's motion; undefined: not at all. */
  readonly walks: Walks | undefined;
  readonly #poses: readonly Pose[];

  /** @throws {Error} if frames differ in their bones or blend shapes. */
  constructor(frames: Clip, walks?: Walks) {
    this.walks = walks;
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

  publication(firstFrame: number, player: number): Publication {
    return new StreamClipPublication(this, this.#poses, firstFrame, player);
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
  readonly #clip: StreamClip;
  readonly #poses: readonly Pose[];
  readonly #player: number;
  readonly #publication = new StreamPublication();
  readonly #root = new Float32Array(TRANSFORM_FLOATS);
  readonly #place = new Float64Array(2);
  #index: number;

  constructor(clip: StreamClip, poses: readonly Pose[], firstFrame: number, player: number) {
    this.#clip = clip;
    this.#poses = poses;
    this.#player = player;
    this.#index = firstFrame;
  }

  get opening(): Uint8Array<ArrayBuffer> | undefined {
    return this.#publication.opening;
  }

  next(sentLow32: number): Uint8Array<ArrayBuffer> {
    const pose = this.#poses[this.#index];
    this.skip();
    const { skeleton, walks } = this.#clip;
    const moved = walks === undefined ? pose : this.#move(pose, walks, sentLow32);
    return this.#publication.encode(skeleton, moved, { captureTimeUs: sentLow32 });
  }

  skip(): void {
    this.#index = (this.#index + 1) % this.#poses.length;
  }

  #move(pose: Pose, walks: Walks, sentLow32: number): Pose {
    walks.placeAt(this.#player, sentLow32, this.#place);
    this.#root.set(pose.root);
    this.#root[0] += this.#place[0];
    this.#root[2] += this.#place[1];
    return { ...pose, root: this.#root };
  }
}
