// Same skeleton: if a model has the player's own bones, with the same offsets, axes and unit, transforms are copied
// instead of retargeted. Then positions and scales of bones are shown too. Nodes above the topmost bones (an armature,
// often with another unit or rotation) stay as they are, and their transform is divided out.
import { TRANSFORM_FLOATS } from "../frame.ts";
import { ANCHOR_PARTS } from "./anchors.ts";
import type { NamedSkeleton } from "./bone-names.ts";
import { inverseOf, isIdentity, scaleOf, transform } from "./matrix.ts";
import { invert, multiply, quaternion, readQuaternion, rotate } from "./quaternion.ts";
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
    const above = model.tree.parents[node];
    const playersScale = player.localScales[bone];
    if (isTop(bone, nodes, parents)) {
      if (parents[bone] < 0 && isIdentity(model.matrices[above])) continue;
      // A hand without an arm stays on the model's arm.
      if (!ANCHOR_PARTS.has(parts[bone])) return false;
      if (inverseOf(model.matrices[above]) === null) return false;
      const scale = scaleOf(model.matrices[node]);
      if (!isNear(scale, scaleOf(player.matrices[bone]), lengthOf(scale))) return false;
      continue;
    }
    compared++;
    if (nodes[parents[bone]] !== above) {
      // A part of the body below another parent would be copied to another place.
      if (parts[bone] !== undefined) return false;
      continue;
    }
    const scale = model.localScales[node];
    const hasSameScale = isNear(scale, playersScale, lengthOf(scale));
    const way = distance(model.localPositions[node], player.localPositions[bone]);
    if (hasSameScale && way <= near) same++;
  }
  return same >= compared * SAME_PLACE_SHARE;
}

/** Whether the model has none of the bones that are above this one in the player's skeleton. */
function isTop(bone: number, nodes: ArrayLike<number>, parents: Int32Array): boolean {
  let up = parents[bone];
  while (up >= 0 && nodes[up] < 0) up = parents[up];
  return up < 0;
}

const isNear = (a: Vector, b: Vector, length: number) => distance(a, b) <= length * SAME_PLACE;

interface Top {
  /** The bone and all bones above it in the player's skeleton. */
  readonly chain: readonly number[];
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
    const { parents } = player.tree;
    const pairs: [number, number][] = [];
    const tops: Top[] = [];
    for (let bone = 0; bone < nodes.length; bone++) {
      const node = nodes[bone];
      if (node < 0) continue;
      const above = model.matrices[model.tree.parents[node]];
      const isLocal = parents[bone] < 0 && isIdentity(above);
      if (isLocal || !isTop(bone, nodes, parents)) {
        pairs.push([bone, node]);
        continue;
      }
      const chain: number[] = [];
      for (let up = bone; up >= 0; up = parents[up]) chain.push(up);
      const rotation = invert(model.rotations[model.tree.parents[node]]);
      tops.push({ chain, node, inverse: inverseOf(above)!, rotation, scale: scaleOf(above) });
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
      const from = this.#pairs[index][0] * TRANSFORM_FLOATS;
      const at = this.#pairs[index][1] * TRANSFORM_FLOATS;
      for (let each = 0; each < TRANSFORM_FLOATS; each++) locals[at + each] = bones[from + each];
    }
    for (let index = 0; index < this.#tops.length; index++) {
      const { chain, node, inverse, rotation, scale } = this.#tops[index];
      readChain(bones, chain);
      transform(inverse, place, place);
      multiply(rotation, turn, turn);
      for (let axis = 0; axis < 3; axis++) size[axis] /= scale[axis];
      const at = node * TRANSFORM_FLOATS;
      locals.set(place, at);
      locals.set(turn, at + 3);
      locals.set(size, at + 7);
    }
  }
}

const place = vector();
const turn = quaternion();
const size = vector();
const boneTurn = quaternion();

/** Reads the position, rotation and scale of a bone in the axes of the root. `chain` begins with the bone. */
function readChain(bones: Float32Array, chain: readonly number[]): void {
  place.fill(0);
  turn.set(UNTURNED);
  size.fill(1);
  for (let index = 0; index < chain.length; index++) {
    const at = chain[index] * TRANSFORM_FLOATS;
    readQuaternion(bones, at + 3, boneTurn);
    for (let axis = 0; axis < 3; axis++) {
      place[axis] *= bones[at + 7 + axis];
      size[axis] *= bones[at + 7 + axis];
    }
    rotate(place, boneTurn, place);
    for (let axis = 0; axis < 3; axis++) place[axis] += bones[at + axis];
    multiply(boneTurn, turn, turn);
  }
}

const UNTURNED = quaternion();
