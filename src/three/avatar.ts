// Avatar: what every body in a scene does, whatever it is made of.
import type { Object3D } from "three";
import type { Pose, Skeleton } from "../codec/index.ts";
import type { BlendShapeRange } from "../codec/rig/weight-range.ts";

/** A body in a three.js scene that shows one player. */
export interface Avatar {
  /** Add it to a scene. The player's root transform is applied to it. */
  readonly object: Object3D;
  /** The largest weight of the player's blend shapes, as its info says. Undefined: guessed. */
  blendShapeRange?: BlendShapeRange | undefined;
  /**
   * Shows a pose of a skeleton: binds again when the skeleton's content differs from the last one's.
   * `timeMs` (performance.now) moves what swings (VRM springs) and may be left out.
   */
  apply(skeleton: Skeleton, pose: Pose, timeMs?: number): void;
  /** Frees GPU memory and leaves the scene. */
  dispose(): void;
}
