// Body plan: what is drawn of a skeleton: limbs between bones, their thickness, and where the head is.
import type { Skeleton } from "../../codec/index.ts";
import { kindOf, nameSkeleton, PARENT_UNKNOWN } from "../../codec/rig/bone-names.ts";
import type { BodyPart, NamedSkeleton } from "../../codec/rig/bone-names.ts";
import { facingPairs } from "../../codec/rig/facing.ts";
import type { BonePair } from "../../codec/rig/facing.ts";
import { boneTree } from "../../codec/rig/forward-kinematics.ts";
import type { BoneTree } from "../../codec/rig/forward-kinematics.ts";

/** One tapered capsule. Bones are indices. */
export interface Limb {
  readonly from: number;
  readonly to: number;
  /** At both ends, metres of a body of 1.7 m; null: a share of the limb's own length. */
  readonly radii: readonly [number, number] | null;
  /**
   * 0: between the two bones. Else the limb begins at `to` and continues by this share of the way from `from`:
   * a fingertip, which few skeletons have.
   */
  readonly beyond: number;
  /** Wider than deep. */
  readonly isTrunk: boolean;
}

/** What a skeleton is drawn as. */
export interface BodyPlan {
  readonly skeleton: Skeleton;
  readonly named: NamedSkeleton;
  readonly tree: BoneTree;
  /** False if there is nothing to draw but points, or nothing at all. */
  readonly isBody: boolean;
  readonly limbs: readonly Limb[];
  /** Index of the head's bone, or -1. */
  readonly head: number;
  /** Pairs of bones that tell where a body faces. */
  readonly pairs: readonly BonePair[];
  /** A chain of bones that tells a body's size, and the body's height in lengths of the chain. */
  readonly measure: { readonly heights: number; readonly chain: readonly number[] } | null;
}

/** The radius at a bone, metres of a body of 1.7 m. */
const RADII: Readonly<Record<string, number>> = {
  hips: 0.12,
  spine: 0.106,
  chest: 0.116,
  upperChest: 0.112,
  neck: 0.052,
  upperNeck: 0.046,
  head: 0.041,
  shoulder: 0.06,
  upperArm: 0.053,
  lowerArm: 0.04,
  hand: 0.028,
  palm: 0.026,
  hipJoint: 0.088,
  upperLeg: 0.077,
  lowerLeg: 0.052,
  foot: 0.038,
  toes: 0.034,
  toesTip: 0.026,
  fingerBase: 0.024,
  fingers: 0.02,
};
const FINGER_RADIUS = 0.0105;
const UNNAMED_RADIUS = 0.014;
// A limb that hangs on a thicker one begins little thicker than it ends: an arm, not a cone.
const TAPER_MAX = 1.6;

const TRUNK = new Set(["root", "hips", "spine", "chest", "upperChest"]);
const POINT_RADIUS = 0.02;

const isOfTrunk = (part: BodyPart | undefined) => part !== undefined && TRUNK.has(kindOf(part));

function radiusOf(part: BodyPart | undefined): number {
  if (part === undefined) return UNNAMED_RADIUS;
  return RADII[kindOf(part)] ?? FINGER_RADIUS;
}

export function createBodyPlan(skeleton: Skeleton): BodyPlan {
  const named = nameSkeleton(skeleton);
  const { parts, parents, parentsFrom } = named;
  const tree = boneTree(parents);
  const head = parts.indexOf("head");
  const limbs = limbsOf(named, tree, head);
  return {
    skeleton,
    named,
    tree,
    isBody: limbs.length > 0 && parentsFrom !== "unknown",
    limbs,
    head,
    pairs: facingPairs(parts),
    measure: measureOf(parts),
  };
}

function measureOf(known: NamedSkeleton["parts"]): BodyPlan["measure"] {
  // Adults: thigh and shin are half of the height, upper arm and forearm a third.
  for (const [heights, parts] of [
    [2, ["upperLeg", "lowerLeg", "foot"]],
    [3.15, ["upperArm", "lowerArm", "hand"]],
  ] as const) {
    for (const side of ["left", "right"]) {
      const chain = parts.map((part) => known.indexOf(`${side} ${part}`));
      if (chain.every((bone) => bone >= 0)) return { heights, chain };
    }
  }
  return null;
}

function limbsOf(named: NamedSkeleton, tree: BoneTree, head: number): Limb[] {
  const { parts, parents, parentsFrom } = named;
  if (parentsFrom === "unknown") {
    const radii = [POINT_RADIUS, POINT_RADIUS] as const;
    return parts.map((_, bone) => ({ from: bone, to: bone, radii, beyond: 0, isTrunk: false }));
  }
  const isBody = parts.some((part) => part !== undefined && part !== "root");
  const inHead = new Set<number>(head >= 0 ? [head] : []);
  const isParent = new Set<number>();
  for (const bone of tree.order) {
    if (inHead.has(tree.parents[bone])) inHead.add(bone);
    else isParent.add(tree.parents[bone]);
  }
  const limbs: Limb[] = [];
  for (const bone of tree.order) {
    const from = tree.parents[bone];
    if (parents[bone] === PARENT_UNKNOWN || inHead.has(from)) continue;
    const [partFrom, part] = [parts[from], parts[bone]];
    const isTrunk = isOfTrunk(partFrom) && (isOfTrunk(part) || part === "neck");
    const end = radiusOf(part);
    // A root on the floor between the feet is not a limb.
    if (from >= 0 && partFrom !== "root") {
      const radii = isBody
        ? ([Math.min(radiusOf(partFrom), end * TAPER_MAX), end] as [number, number])
        : null;
      if (radii !== null && isOfTrunk(partFrom) && !isTrunk)
        radii[0] = Math.min(radii[0], end * 1.15);
      limbs.push({ from, to: bone, radii, beyond: 0, isTrunk });
    } else if (!isParent.has(bone) && bone !== head) {
      // Alone: a tracked hand, a prop.
      limbs.push({ from: bone, to: bone, radii: [end, end], beyond: 0, isTrunk: false });
    }
    const beyond = isParent.has(bone) || inHead.has(bone) ? 0 : tipOf(part);
    if (beyond > 0 && from >= 0) {
      limbs.push({ from, to: bone, radii: [end, end * 0.85], beyond, isTrunk: false });
    }
  }
  return limbs;
}

/** The length of the tip of a part that no bone hangs on, in lengths of the limb before it. */
function tipOf(part: BodyPart | undefined): number {
  if (part === undefined) return 0;
  const kind = kindOf(part);
  if (kind === "hand") return 0.4;
  if (kind === "toes") return 0.4;
  if (kind === "fingers") return 0.9;
  return /^(thumb|index|middle|ring|little) (?!tip)/.test(kind) ? 0.75 : 0;
}
