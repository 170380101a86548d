// Anchors: the topmost joints. They are moved; all other joints are only rotated.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { BodyPart } from "./bone-names.ts";
import type { BoneTree } from "./forward-kinematics.ts";
import type { Joint } from "./joints.ts";
import { inverseOf, transform } from "./matrix.ts";
import { quaternion, readQuaternion, rotate } from "./quaternion.ts";
import type { RigSample } from "./rig-sample.ts";
import { vector } from "./vector.ts";

/** Parts that are moved. A hand or a head without a body is not: it stays on the model's body. */
export const ANCHOR_PARTS: ReadonlySet<BodyPart | undefined> = new Set(["hips", "root", undefined]);

interface Anchor {
  readonly bone: number;
  readonly node: number;
  /** From the model's axes to the axes of the node's parent. */
  readonly inverse: Float64Array;
}

export class Anchors {
  readonly #tree: BoneTree;
  readonly #anchors: readonly Anchor[];

  constructor(joints: readonly Joint[], model: RigSample, tree: BoneTree) {
    this.#tree = tree;
    this.#anchors = joints.flatMap(({ bone, part, node, parent }) => {
      if (parent !== null || !ANCHOR_PARTS.has(part)) return [];
      const inverse = inverseOf(model.matrices[model.tree.parents[node]]);
      return inverse === null ? [] : [{ bone, node, inverse }];
    });
  }

  /** Writes positions of nodes, 10 numbers a node. Nothing is allocated. */
  apply(bones: Float32Array, scale: number, locals: Float32Array): void {
    for (let index = 0; index < this.#anchors.length; index++) {
      const { bone, node, inverse } = this.#anchors[index];
      this.#readPosition(bones, bone);
      for (let axis = 0; axis < 3; axis++) place[axis] *= scale;
      locals.set(transform(inverse, place, place), node * TRANSFORM_FLOATS);
    }
  }

  #readPosition(bones: Float32Array, bone: number): void {
    const { parents } = this.#tree;
    place.fill(0);
    for (let up = bone; up >= 0; up = parents[up]) {
      const at = up * TRANSFORM_FLOATS;
      for (let axis = 0; axis < 3; axis++) place[axis] *= bones[at + 7 + axis];
      rotate(place, readQuaternion(bones, at + 3, turn), place);
      for (let axis = 0; axis < 3; axis++) place[axis] += bones[at + axis];
    }
  }
}

const place = vector();
const turn = quaternion();
