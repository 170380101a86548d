// Retarget: a player's motion on a model whose bones have other axes or lengths. For each bone one rotation is
// constant, from the model's axes to the player's:
//
//   model = player x offset,   offset = player at rest ^ -1 x model at rest,   all in the root's axes
//
// The model's rest is in its file. The player's rest is known if its skeleton has one, or if its axes are the model's
// or the room's. Otherwise somebody may say that the player is at rest now. Until then the rest is guessed from the
// first pose: positions of bones determine where limbs point, and that no bone is twisted is an assumption.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import { Anchors } from "./anchors.ts";
import { nameSkeleton, PARENT_UNKNOWN } from "./bone-names.ts";
import type { NamedSkeleton } from "./bone-names.ts";
import { boneTree } from "./forward-kinematics.ts";
import type { BoneTree } from "./forward-kinematics.ts";
import { createJoints } from "./joints.ts";
import type { Joint } from "./joints.ts";
import { invert, multiply, quaternion } from "./quaternion.ts";
import type { Quaternion } from "./quaternion.ts";
import { alignedFacing, hasSameAxes } from "./rest-axes.ts";
import { facesBackward, heading, restOffsets, trunkTurn } from "./rest-offsets.ts";
import type { Stance } from "./rest-offsets.ts";
import { createRotations, RigSample, worldRotations } from "./rig-sample.ts";
import { hasSameSkeleton, SkeletonCopy } from "./same-skeleton.ts";
import { distance } from "./vector.ts";

/**
 * How well a player's rest is known.
 * - `same`: the model has the player's skeleton; transforms are copied.
 * - `known`: by the skeleton's rest, or by its axes.
 * - `matched`: somebody said when the player was at rest.
 * - `guessed`: limbs point the right way; the twist of trunk, head, hands and feet is a guess.
 */
export type Fit = "same" | "known" | "matched" | "guessed";

export interface RetargetOptions {
  /** The nodes of the model at rest, parents first. The first is the model itself. */
  readonly model: RigSample;
  /** The model's node for each bone of the skeleton, or -1. */
  readonly nodes: ArrayLike<number>;
  readonly skeleton: Skeleton;
  readonly pose: Pose;
  /** Says that in `pose` the player is at rest: upright as the model at rest, facing anywhere. */
  readonly isRest?: boolean;
}

const HALF_TURN = quaternion(0, 1, 0, 0);
const UNTURNED = quaternion();

export class Retarget {
  /** Null if the model has none of the player's bones. */
  readonly fit: Fit | null;
  /** The model's size divided by the player's. 1 for the same skeleton. */
  readonly scale: number;
  /** Nodes that `apply` writes. */
  readonly driven: readonly number[];
  readonly #tree: BoneTree;
  readonly #joints: readonly Joint[];
  /** For each joint the index of its parent, or -1. */
  readonly #parents: Int32Array;
  /** For each joint. */
  readonly #offsets: readonly Quaternion[];
  /** For each joint, in the current frame. */
  readonly #turned: readonly Quaternion[];
  /** For each bone, in the current frame. */
  readonly #rotations: Quaternion[];
  readonly #anchors: Anchors | null;
  readonly #copy: SkeletonCopy | null;

  constructor({ model, nodes, skeleton, pose, isRest = false }: RetargetOptions) {
    const named = nameSkeleton(skeleton);
    const joints = createJoints(model, nodes, named.parts);
    const tree = boneTree(parentsOf(named, joints));
    const { rest } = skeleton;
    const player = new RigSample(isRest || rest === undefined ? pose.bones : rest, tree);
    const isFound = Array.from(nodes).some((node) => node >= 0);
    const isSame = isFound && !isRest && hasSameSkeleton(model, nodes, named.parts, player);
    const [fit, stance] = isRest
      ? (["matched", uprightAt(joints, player)] as const)
      : rest === undefined
        ? stanceIn(joints, named.parts, player)
        : (["known", stanceAt(joints, player)] as const);
    this.fit = !isFound ? null : isSame ? "same" : fit;
    this.#tree = tree;
    this.#joints = joints;
    this.#parents = Int32Array.from(joints, ({ parent }) => (parent ? joints.indexOf(parent) : -1));
    this.#offsets = restOffsets(joints, player, stance);
    this.#turned = createRotations(joints.length);
    this.#rotations = createRotations(nodes.length);
    this.#copy = isSame ? new SkeletonCopy(model, nodes, player) : null;
    const scale = sizeRatio(joints, player);
    this.scale = isSame ? 1 : (scale ?? 1);
    // A player whose bones have no positions does not say where its hips are either.
    this.#anchors = scale === null ? null : new Anchors(joints, model, tree);
    this.driven = this.#copy?.nodes ?? joints.map(({ node }) => node);
  }

  /**
   * Writes local transforms of the driven nodes: 10 numbers a node, as in a Pose. Numbers that do not change are
   * not written. Nothing is allocated.
   */
  apply({ bones }: Pose, locals: Float32Array): void {
    if (this.#copy !== null) {
      this.#copy.apply(bones, locals);
      return;
    }
    worldRotations(bones, this.#tree, this.#rotations);
    for (let index = 0; index < this.#joints.length; index++) {
      const { bone, node, fromParent } = this.#joints[index];
      const parent = this.#parents[index];
      const turned = multiply(this.#rotations[bone], this.#offsets[index], this.#turned[index]);
      if (parent < 0) invert(fromParent, local);
      else invert(multiply(this.#turned[parent], fromParent, local), local);
      locals.set(multiply(local, turned, local), node * TRANSFORM_FLOATS + 3);
    }
    this.#anchors?.apply(bones, this.scale, locals);
  }
}

const local = quaternion();

/** The parent of each bone. If it is unknown, the model's hierarchy decides. */
function parentsOf({ parents }: NamedSkeleton, joints: readonly Joint[]): Int32Array {
  const all = Int32Array.from(parents);
  for (const { bone, parent } of joints) {
    if (all[bone] === PARENT_UNKNOWN && parent !== null) all[bone] = parent.bone;
  }
  return all;
}

/** The stance of a player that is upright, as the model at rest. */
function uprightAt(joints: readonly Joint[], player: RigSample): Stance {
  const restOf = ({ bone }: Joint) => player.rotations[bone];
  return { trunk: heading(joints, player), restOf, isUpright: true };
}

// If the trunk leans more than this at rest, up is not +y in the player's axes.
const LEAN_MAX = Math.PI / 4;

/** The stance of a player whose rest is known. It is upright, unless +y is not up in its skeleton. */
function stanceAt(joints: readonly Joint[], player: RigSample): Stance {
  const upright = uprightAt(joints, player);
  const turn = trunkTurn(joints, player);
  const lean = multiply(invert(upright.trunk), turn);
  const angle = 2 * Math.acos(Math.min(1, Math.abs(lean[3])));
  return angle < LEAN_MAX ? upright : { ...upright, trunk: turn };
}

/** The stance of a player without a rest: known by its axes, or guessed. */
function stanceIn(
  joints: readonly Joint[],
  parts: NamedSkeleton["parts"],
  player: RigSample,
): readonly ["known" | "guessed", Stance] {
  const hasAxes = hasSameAxes(joints, player);
  if (hasAxes === true) {
    return ["known", { trunk: UNTURNED, restOf: ({ rotation }) => rotation, isUpright: true }];
  }
  const facing = alignedFacing(parts, player);
  if (facing !== undefined || hasAxes === undefined) {
    const isTurned = (facing === "-z") !== facesBackward(joints);
    const trunk = isTurned ? HALF_TURN : UNTURNED;
    return ["known", { trunk, restOf: () => UNTURNED, isUpright: true }];
  }
  const restOf = ({ bone }: Joint) => player.rotations[bone];
  return ["guessed", { trunk: trunkTurn(joints, player), restOf, isUpright: false }];
}

/** The length of the model's legs (or of all bones) divided by the player's. Null if the player's have no length. */
function sizeRatio(joints: readonly Joint[], player: RigSample): number | null {
  const hung = joints.filter(({ bone, parent }) => parent && player.isBelow(bone, parent.bone));
  const shins = hung.filter(({ part }) => /(lowerLeg|foot)$/.test(part ?? ""));
  for (const measured of [shins, hung]) {
    let own = 0;
    let players = 0;
    for (const { bone, parent, position } of measured) {
      own += distance(position, parent!.position);
      players += distance(player.positions[bone], player.positions[parent!.bone]);
    }
    if (own > 0 && players > 0) return own / players;
  }
  return null;
}
