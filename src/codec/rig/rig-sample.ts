// Rig sample: positions and rotations of a player's bones, or of a model's nodes, at one moment, in the axes of the
// root.
import { TRANSFORM_FLOATS } from "../frame.ts";
import {
  createMatrices,
  MATRIX_FLOATS,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "./forward-kinematics.ts";
import type { BoneTree } from "./forward-kinematics.ts";
import { invert, multiply, quaternion, readQuaternion, rotate } from "./quaternion.ts";
import type { Quaternion } from "./quaternion.ts";
import { subtract } from "./vector.ts";
import type { Vector } from "./vector.ts";

const NO_ROOT = new Float32Array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);

export class RigSample {
  readonly tree: BoneTree;
  readonly positions: readonly Vector[];
  readonly rotations: readonly Quaternion[];
  /** Relative to the parent. */
  readonly localPositions: readonly Vector[];
  readonly localScales: readonly Vector[];
  /** 12 numbers a bone: columns x, y and z, and the position. */
  readonly matrices: readonly Float64Array[];

  /** `bones` are local transforms: 10 numbers a bone, as in a Pose. */
  constructor(bones: Float32Array<ArrayBuffer>, tree: BoneTree) {
    this.tree = tree;
    const count = tree.parents.length;
    const all = createMatrices(count);
    worldMatrices({ root: NO_ROOT, bones }, tree, all);
    const vectors = (values: Float32Array, start: number, step: number) =>
      Array.from({ length: count }, (_, bone) => {
        const at = start + bone * step;
        return Float64Array.from(values.subarray(at, at + 3));
      });
    this.localPositions = vectors(bones, 0, TRANSFORM_FLOATS);
    this.localScales = vectors(bones, 7, TRANSFORM_FLOATS);
    this.positions = vectors(all, matrixAt(0) + POSITION_AT, MATRIX_FLOATS);
    this.matrices = Array.from({ length: count }, (_, bone) =>
      Float64Array.from(all.subarray(matrixAt(bone), matrixAt(bone + 1))),
    );
    this.rotations = worldRotations(bones, tree, createRotations(count));
  }

  /** The way from one bone to another, in the axes of the first. */
  offset(from: number, to: number): Vector {
    const way = subtract(this.positions[to], this.positions[from]);
    return rotate(way, invert(this.rotations[from]), way);
  }

  /** Whether a bone is below another in the hierarchy. */
  isBelow(bone: number, ancestor: number): boolean {
    const { parents } = this.tree;
    let at = parents[bone];
    while (at >= 0 && at !== ancestor) at = parents[at];
    return at === ancestor;
  }
}

export const createRotations = (count: number): Quaternion[] =>
  Array.from({ length: count }, () => quaternion());

/** Writes the rotation of each bone in the axes of the root, without scales. Nothing is allocated. */
export function worldRotations(
  bones: ArrayLike<number>,
  { parents, order }: BoneTree,
  out: Quaternion[],
): Quaternion[] {
  for (let index = 0; index < order.length; index++) {
    const bone = order[index];
    const world = readQuaternion(bones, bone * TRANSFORM_FLOATS + 3, out[bone]);
    if (parents[bone] >= 0) multiply(out[parents[bone]], world, world);
  }
  return out;
}
