// Retarget: a player's motion on a model whose bones rest in other axes, or are of another length. Of
// each bone one rotation is constant, between the player's axes and the model's:
//
//   model = player x offset,   offset = player at rest ^ -1 x model at rest,   all in the root's axes
//
// How the model rests is in its file. How the player does is known if its skeleton says so, or if its axes
// are the model's or the room's; else it is what somebody says is the rest pose. Until then it is guessed:
// where the limbs point is known from the bones' places, and that nothing is twisted right now is assumed.
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
 * How a model's rest fits a player's. `same`: it is the same skeleton, to be copied as it is. `known`: the
 * player's rest, or its axes, tell. `matched`: somebody said so. `guessed`: see above.
 */
export type Fit = "same" | "known" | "matched" | "guessed";

export interface RetargetOptions {
  /** The model at rest: its nodes, parents first; the first is the model itself. */
  readonly model: RigSample;
  /** The model's node for each bone of the skeleton; below 0: none. */
  readonly nodes: ArrayLike<number>;
  readonly skeleton: Skeleton;
  readonly pose: Pose;
  /** `pose` is how the player rests: upright, as the model does, whichever way it faces. */
  readonly isRest?: boolean;
}

const HALF_TURN = quaternion(0, 1, 0, 0);
const UNTURNED = quaternion();

export class Retarget {
  readonly fit: Fit;
  /** The model's size in sizes of the player; 1 for the same skeleton. */
  readonly scale: number;
  /** Nodes that are moved. */
  readonly driven: readonly number[];
  readonly #tree: BoneTree;
  readonly #joints: readonly Joint[];
  /** By joint; -1 for those on top. */
  readonly #parents: Int32Array;
  /** By joint. */
  readonly #offsets: readonly Quaternion[];
  /** By joint, of this frame. */
  readonly #turned: readonly Quaternion[];
  /** By bone, of this frame. */
  readonly #rotations: Quaternion[];
  readonly #anchors: Anchors | null;
  readonly #copy: SkeletonCopy | null;

  constructor({ model, nodes, skeleton, pose, isRest = false }: RetargetOptions) {
    const named = nameSkeleton(skeleton);
    const joints = createJoints(model, nodes, named.parts);
    const tree = boneTree(parentsOf(named, joints));
    const { rest } = skeleton;
    const player = new RigSample(isRest || rest === undefined ? pose.bones : rest, tree);
    const isSame = !isRest && hasSameSkeleton(model, nodes, named.parts, player);
    const [fit, stance] = isRest
      ? (["matched", uprightAt(joints, player)] as const)
      : rest === undefined
        ? stanceIn(joints, named.parts, player)
        : (["known", stanceAt(joints, player)] as const);
    this.fit = isSame ? "same" : fit;
    this.#tree = tree;
    this.#joints = joints;
    this.#parents = Int32Array.from(joints, ({ parent }) => (parent ? joints.indexOf(parent) : -1));
    this.#offsets = restOffsets(joints, player, stance);
    this.#turned = createRotations(joints.length);
    this.#rotations = createRotations(nodes.length);
    this.#copy = isSame ? new SkeletonCopy(model, nodes, player) : null;
    const scale = sizeRatio(joints, player);
    this.scale = isSame ? 1 : (scale ?? 1);
    // Who sends no places of bones says nothing of where the hips are either.
    this.#anchors = scale === null ? null : new Anchors(joints, model, tree);
    this.driven = this.#copy?.nodes ?? joints.map(({ node }) => node);
  }

  /**
   * Writes the local transforms of the nodes that are driven, 10 numbers a node as in a Pose, and leaves of
   * them what it does not move. Nothing is allocated.
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

/** Whose child each bone is; of those that nothing says it of, as the model has it. */
function parentsOf({ parents }: NamedSkeleton, joints: readonly Joint[]): Int32Array {
  const all = Int32Array.from(parents);
  for (const { bone, parent } of joints) {
    if (all[bone] === PARENT_UNKNOWN && parent !== null) all[bone] = parent.bone;
  }
  return all;
}

/** Of a player who stands upright as the model does. */
function uprightAt(joints: readonly Joint[], player: RigSample): Stance {
  const restOf = ({ bone }: Joint) => player.rotations[bone];
  return { trunk: heading(joints, player), restOf, isUpright: true };
}

// A rest whose trunk leans more than this is of axes in which up is another way.
const LEAN_MAX = Math.PI / 4;

/** Of a player whose rest is known: upright, but for a skeleton whose up is not +y. */
function stanceAt(joints: readonly Joint[], player: RigSample): Stance {
  const upright = uprightAt(joints, player);
  const turn = trunkTurn(joints, player);
  const lean = multiply(invert(upright.trunk), turn);
  const angle = 2 * Math.acos(Math.min(1, Math.abs(lean[3])));
  return angle < LEAN_MAX ? upright : { ...upright, trunk: turn };
}

/** Of a player that says nothing of its rest: told by its axes, or else guessed. */
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

/** The model's length of legs in the player's, or else of all bones; null where the player's have none. */
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
