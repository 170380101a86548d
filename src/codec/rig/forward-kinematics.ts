// Forward kinematics: where every bone is in the room, from a pose of local transforms. Flat numbers,
// `out` last, nothing allocated.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { PARENT_ROOT } from "./bone-names.ts";

/** Floats of one matrix: its columns x, y and z, and the position. */
export const MATRIX_FLOATS = 12;

/** Index of the position in a matrix. */
export const POSITION_AT = 9;

/** Whose child each bone is: parents first in `order`. */
export interface BoneTree {
  /** Index of the parent; below 0: the root transform. */
  readonly parents: Int32Array;
  /** Bones, each after its parent. */
  readonly order: Int32Array;
}

/** Orders bones parents first. A bone in a circle of parents is put under the root instead. */
export function boneTree(parentIndices: ArrayLike<number>): BoneTree {
  const parents = Int32Array.from(parentIndices);
  const order: number[] = [];
  const state = new Uint8Array(parents.length);
  for (let start = 0; start < parents.length; start++) {
    // Up to the first bone that is done, then down again: no recursion for chains of any length.
    const path: number[] = [];
    let bone = start;
    while (bone >= 0 && state[bone] === 0) {
      state[bone] = 1;
      path.push(bone);
      const parent = parents[bone];
      if (parent >= 0 && state[parent] === 1) parents[bone] = PARENT_ROOT;
      bone = parents[bone];
    }
    for (let at = path.length - 1; at >= 0; at--) {
      state[path[at]] = 2;
      order.push(path[at]);
    }
  }
  return { parents, order: Int32Array.from(order) };
}

/** Allocates the matrices of the root and of all bones. */
export function createMatrices(boneCount: number): Float32Array<ArrayBuffer> {
  return new Float32Array(MATRIX_FLOATS * (boneCount + 1));
}

/** Where a bone's matrix begins; -1 is the root's. */
export const matrixAt = (bone: number) => MATRIX_FLOATS * (bone + 1);

const local = new Float32Array(MATRIX_FLOATS);

/** Writes the root's matrix and every bone's. Rotations in `pose` have unit length. */
export function worldMatrices(
  pose: Pick<Pose, "root" | "bones">,
  { parents, order }: BoneTree,
  out: Float32Array,
): void {
  compose(pose.root, 0, out, 0);
  for (let index = 0; index < order.length; index++) {
    const bone = order[index];
    compose(pose.bones, bone * TRANSFORM_FLOATS, local, 0);
    multiply(matrixAt(Math.max(parents[bone], PARENT_ROOT)), local, out, matrixAt(bone));
  }
}

function compose(values: Float32Array, from: number, out: Float32Array, at: number): void {
  const x = values[from + 3];
  const y = values[from + 4];
  const z = values[from + 5];
  const w = values[from + 6];
  const sx = values[from + 7];
  const sy = values[from + 8];
  const sz = values[from + 9];
  out[at] = (1 - 2 * (y * y + z * z)) * sx;
  out[at + 1] = 2 * (x * y + w * z) * sx;
  out[at + 2] = 2 * (x * z - w * y) * sx;
  out[at + 3] = 2 * (x * y - w * z) * sy;
  out[at + 4] = (1 - 2 * (x * x + z * z)) * sy;
  out[at + 5] = 2 * (y * z + w * x) * sy;
  out[at + 6] = 2 * (x * z + w * y) * sz;
  out[at + 7] = 2 * (y * z - w * x) * sz;
  out[at + 8] = (1 - 2 * (x * x + y * y)) * sz;
  out[at + 9] = values[from];
  out[at + 10] = values[from + 1];
  out[at + 11] = values[from + 2];
}

/** Writes parent x child. `out` contains the parent's matrix too, at `parentAt`. */
function multiply(parentAt: number, child: Float32Array, out: Float32Array, at: number): void {
  for (let row = 0; row < 3; row++) {
    const x = out[parentAt + row];
    const y = out[parentAt + 3 + row];
    const z = out[parentAt + 6 + row];
    for (let column = 0; column < MATRIX_FLOATS; column += 3) {
      out[at + column + row] = x * child[column] + y * child[column + 1] + z * child[column + 2];
    }
    out[at + POSITION_AT + row] += out[parentAt + POSITION_AT + row];
  }
}
