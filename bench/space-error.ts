// Error in space: how far decoded points of a body are from where they were. As the Animation Compression Library
// measures it, but in the room: for each bone the largest distance of three points 3 cm from it along its axes.
import type { Pose } from "../src/codec/index.ts";
import {
  boneTree,
  createMatrices,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "../src/codec/rig/forward-kinematics.ts";
import type { BoneTree } from "../src/codec/rig/forward-kinematics.ts";
import type { StreamSkeleton } from "../src/codec/stream/index.ts";
import { reachOf } from "../src/codec/stream/reach.ts";

const POINT_METRES = 0.03;

/** Collects the errors of poses, in metres. */
export class SpaceError {
  readonly #tree: BoneTree;
  readonly #unitMetres: Float64Array;
  readonly #source: Float32Array;
  readonly #decoded: Float32Array;
  readonly #errors: number[] = [];

  constructor({ skeleton, rest }: StreamSkeleton) {
    const { tree, unitMetres } = reachOf(skeleton, rest);
    const boneCount = skeleton.boneNames.length;
    this.#unitMetres = unitMetres;
    this.#tree = tree ?? boneTree(new Int32Array(boneCount).fill(-1));
    this.#source = createMatrices(boneCount);
    this.#decoded = createMatrices(boneCount);
  }

  /** Metres of one unit of a transform's position; 0 is the root, bone b is b + 1. */
  unitMetresAt(transform: number): number {
    return this.#unitMetres[transform];
  }

  /** Adds each bone of a pose, with the root. */
  add(source: Pose, decoded: Pose): void {
    worldMatrices(source, this.#tree, this.#source);
    worldMatrices(decoded, this.#tree, this.#decoded);
    for (let bone = -1; bone < this.#tree.parents.length; bone++) {
      this.#errors.push(this.#errorOf(matrixAt(bone)));
    }
  }

  /** The share of errors, 0 to 1, that is not above what is returned; 0 if there are none. */
  quantile(share: number): number {
    const sorted = this.#errors.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }

  #errorOf(at: number): number {
    const source = this.#source;
    const decoded = this.#decoded;
    let largest = 0;
    for (let column = at; column < at + POSITION_AT; column += 3) {
      const length = Math.hypot(source[column], source[column + 1], source[column + 2]);
      const distance = length === 0 ? 0 : POINT_METRES / length;
      const along = (row: number): number =>
        decoded[at + POSITION_AT + row] -
        source[at + POSITION_AT + row] +
        (decoded[column + row] - source[column + row]) * distance;
      largest = Math.max(largest, Math.hypot(along(0), along(1), along(2)));
    }
    return largest;
  }
}
