// Pose sample: where a player's bones are at one moment and how they are turned, in the axes of its root.
import { Quaternion, Vector3 } from "three";
import { TRANSFORM_FLOATS } from "../../src/codec/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import {
  createMatrices,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "../../src/codec/rig/forward-kinematics.ts";
import type { BoneTree } from "../../src/codec/rig/forward-kinematics.ts";

const NO_ROOT = new Float32Array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);

export class PoseSample {
  readonly positions: readonly Vector3[];
  readonly rotations: readonly Quaternion[];
  /** As posted, relative to the parent. */
  readonly localPositions: readonly Vector3[];
  readonly localScales: readonly Vector3[];
  readonly #parents: Int32Array;

  constructor(pose: Pose, tree: BoneTree) {
    const { bones } = pose;
    const each = tree.parents;
    const vectors = (at: number) =>
      Array.from(each, (_, bone) => new Vector3().fromArray(bones, bone * TRANSFORM_FLOATS + at));
    this.#parents = tree.parents;
    this.localPositions = vectors(0);
    this.localScales = vectors(7);
    const matrices = createMatrices(each.length);
    worldMatrices(matrices, { ...pose, root: NO_ROOT }, tree);
    this.positions = Array.from(each, (_, bone) =>
      new Vector3().fromArray(matrices, matrixAt(bone) + POSITION_AT),
    );
    this.rotations = Array.from(each, () => new Quaternion());
    worldRotations(this.rotations, pose, tree);
  }

  /** From one bone to another, in the first one's axes. */
  offset(from: number, to: number): Vector3 {
    const back = this.rotations[from].clone().invert();
    return this.positions[to].clone().sub(this.positions[from]).applyQuaternion(back);
  }

  /** Whether a bone hangs on another, however far down. */
  isBelow(bone: number, ancestor: number): boolean {
    let at = this.#parents[bone];
    while (at >= 0 && at !== ancestor) at = this.#parents[at];
    return at === ancestor;
  }
}

/** Writes how each bone is turned in the axes of the root, whatever the scales. */
export function worldRotations(
  out: readonly Quaternion[],
  { bones }: Pose,
  { parents, order }: BoneTree,
): void {
  for (let index = 0; index < order.length; index++) {
    const bone = order[index];
    const world = out[bone].fromArray(bones, bone * TRANSFORM_FLOATS + 3);
    if (parents[bone] >= 0) world.premultiply(out[parents[bone]]);
  }
}
