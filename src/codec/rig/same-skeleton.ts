// Same skeleton: if a model has the player's own bones, with the same offsets, axes and unit, transforms are copied
// instead of retargeted. Then positions and scales of bones are shown too. Nodes above the topmost bones (an armature,
// often with another unit or rotation) stay as they are, and their transform is divided out.
import { TRANSFORM_FLOATS } from "../frame.ts";
import { ANCHOR_PARTS } from "./anchors.ts";
import type { NamedSkeleton } from "./bone-names.ts";
import { inverseOf, isIdentity, scaleOf, transform } from "./matrix.ts";
import { invert, multiply, quaternion, readQuaternion } from "./quaternion.ts";
import type { Quaternion } from "./quaternion.ts";
import type { RigSample } from "./rig-sample.ts";
import { distance, lengthOf, vector } from "./vector.ts";
import type { Vector } from "./vector.ts";

// In lengths of the longest bone: about half a centimetre.
const SAME_PLACE = 0.01;
// Some bones, as those of a face, may be moved at the time of comparison.
const SAME_PLACE_SHARE = 0.9;

/** Whether a model has the player's skeleton. `nodes` has the node of each bone, or -1. */
export function hasSameSkeleton(
  model: RigSample,
  nodes: ArrayLike<number>,
  parts: NamedSkeleton["parts"],
  player: RigSample,
): boolean {
  const { parents } = player.tree;
  const offsets = Array.from(nodes, (node, bone) =>
    node < 0 || parents[bone] < 0 ? 0 : lengthOf(model.localPositions[node]),
  );
  const near = Math.max(...offsets) * SAME_PLACE;
  let compared = 0;
  let same = 0;
  for (let bone = 0; bone < nodes.length; bone++) {
    const node = nodes[bone];
    if (node < 0) continue;
    const playersScale = player.localScales[bone];
    if (parents[bone] < 0) {
      const above = model.matrices[model.tree.parents[node]];
      if (isIdentity(above)) continue;
      // A hand without an arm stays on the model's arm.
      if (!ANCHOR_PARTS.has(parts[bone])) return false;
      const scale = scaleOf(model.matrices[node]);
      if (inverseOf(above) === null || !isNear(scale, playersScale, lengthOf(scale))) return false;
      continue;
    }
    compared++;
    const scale = model.localScales[node];
    if (
      isNear(scale, playersScale, lengthOf(scale)) &&
      distance(model.localPositions[node], player.localPositions[bone]) <= near &&
      nodes[parents[bone]] === model.tree.parents[node]
    ) {
      same++;
    }
  }
  return same >= compared * SAME_PLACE_SHARE;
}

const isNear = (a: Vector, b: Vector, size: number) => distance(a, b) <= size * SAME_PLACE;

interface Top {
  readonly bone: number;
  readonly node: number;
  /** The inverse of everything above the node. */
  readonly inverse: Float64Array;
  readonly rotation: Quaternion;
  readonly scale: Vector;
}

/** Copies a player's transforms to the nodes of a model. */
export class SkeletonCopy {
  /** Bones and their nodes, in pairs. */
  readonly #pairs: readonly (readonly [bone: number, node: number])[];
  readonly #tops: readonly Top[];

  constructor(model: RigSample, nodes: ArrayLike<number>, player: RigSample) {
    const pairs: [number, number][] = [];
    const tops: Top[] = [];
    for (let bone = 0; bone < nodes.length; bone++) {
      const node = nodes[bone];
      if (node < 0) continue;
      const above = model.tree.parents[node];
      if (player.tree.parents[bone] >= 0 || isIdentity(model.matrices[above])) {
        pairs.push([bone, node]);
        continue;
      }
      tops.push({
        bone,
        node,
        inverse: inverseOf(model.matrices[above])!,
        rotation: invert(model.rotations[above]),
        scale: scaleOf(model.matrices[above]),
      });
    }
    this.#pairs = pairs;
    this.#tops = tops;
  }

  get nodes(): number[] {
    return [...this.#pairs.map(([, node]) => node), ...this.#tops.map(({ node }) => node)];
  }

  /** Writes local transforms, 10 numbers a node. Nothing is allocated. */
  apply(bones: Float32Array, locals: Float32Array): void {
    for (let index = 0; index < this.#pairs.length; index++) {
      const [bone, node] = this.#pairs[index];
      for (let each = 0; each < TRANSFORM_FLOATS; each++) {
        locals[node * TRANSFORM_FLOATS + each] = bones[bone * TRANSFORM_FLOATS + each];
      }
    }
    for (let index = 0; index < this.#tops.length; index++) {
      const { bone, node, inverse, rotation, scale } = this.#tops[index];
      const from = bone * TRANSFORM_FLOATS;
      for (let axis = 0; axis < 3; axis++) place[axis] = bones[from + axis];
      transform(inverse, place, place);
      multiply(rotation, readQuaternion(bones, from + 3, turn), turn);
      const at = node * TRANSFORM_FLOATS;
      locals.set(place, at);
      locals.set(turn, at + 3);
      for (let axis = 0; axis < 3; axis++) {
        locals[at + 7 + axis] = bones[from + 7 + axis] / scale[axis];
      }
    }
  }
}

const place = vector();
const turn = quaternion();
