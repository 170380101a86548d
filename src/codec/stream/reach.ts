// Reach: how far from each transform the body's furthest point can be that it moves. It is the sum of the bones'
// lengths along the longest chain, because a rest pose may be bent, and 3 cm of skin around the last bone.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Skeleton } from "../frame.ts";
import { parentsOf, PARENT_UNKNOWN } from "../rig/bone-names.ts";
import { boneTree } from "../rig/forward-kinematics.ts";
import type { BoneTree } from "../rig/forward-kinematics.ts";

/** How far from its bone the skin is, in metres. */
export const SKIN_METRES = 0.03;
/** The reach of a bone whose place in the body is not known: about a leg. */
const UNKNOWN_REACH_METRES = 1;

/** Each transform's part in a body. Transform 0 is the root, bone b is b + 1. */
export interface Reach {
  /** Metres to the furthest point that the transform moves. */
  readonly metres: Float64Array;
  /** Metres to the furthest transform right below, or to its own skin. */
  readonly boneMetres: Float64Array;
  /** Metres from the transform above. */
  readonly offsetMetres: Float64Array;
  /** Metres of one unit of the transform's position. */
  readonly unitMetres: Float64Array;
  /** How many transforms this one moves, itself included. */
  readonly movedCounts: Float64Array;
  /** Null if no bone's parent is known. A bone of unknown parent is then below the root. */
  readonly tree: BoneTree | null;
}

/** Reach by a rest of 10 floats a transform, the root's first. Parents are the sender's, or else told by names. */
export function reachOf(skeleton: Skeleton, rest: Float32Array): Reach {
  const { parents, parentsFrom } = parentsOf(skeleton);
  const tree = boneTree(parents);
  const count = parents.length + 1;
  const metres = new Float64Array(count).fill(SKIN_METRES);
  const boneMetres = new Float64Array(count).fill(SKIN_METRES);
  const offsetMetres = new Float64Array(count);
  const unitMetres = new Float64Array(count).fill(1);
  const movedCounts = new Float64Array(count).fill(1);
  for (const bone of tree.order) {
    const transform = bone + 1;
    const above = transformAbove(tree, transform);
    const at = TRANSFORM_FLOATS * transform;
    unitMetres[transform] = unitMetres[above] * scaleOf(rest, above);
    offsetMetres[transform] =
      unitMetres[transform] * Math.hypot(rest[at], rest[at + 1], rest[at + 2]);
    if (parents[bone] === PARENT_UNKNOWN) metres[transform] = UNKNOWN_REACH_METRES;
  }
  // From the tips to the root.
  for (let index = count - 2; index >= 0; index--) {
    const transform = tree.order[index] + 1;
    const above = transformAbove(tree, transform);
    const offset = offsetMetres[transform];
    metres[above] = Math.max(metres[above], offset + metres[transform]);
    boneMetres[above] = Math.max(boneMetres[above], offset);
    movedCounts[above] += movedCounts[transform];
  }
  return {
    metres,
    boneMetres,
    offsetMetres,
    unitMetres,
    movedCounts,
    tree: parentsFrom === "unknown" ? null : tree,
  };
}

/** The transform that a bone's hangs on: 0, the root, if no other. */
export function transformAbove({ parents }: BoneTree, transform: number): number {
  return Math.max(parents[transform - 1], -1) + 1;
}

/** The largest factor of a transform's scale at rest. */
export function scaleOf(rest: Float32Array, transform: number): number {
  const at = TRANSFORM_FLOATS * transform + 7;
  return Math.max(Math.abs(rest[at]), Math.abs(rest[at + 1]), Math.abs(rest[at + 2]));
}
