// Retarget: a player's motion on a model whose bones rest in other axes, or are of another length. Of
// each bone one rotation is constant, between the player's axes and the model's:
//
//   model = player x offset,   offset = player at rest ^ -1 x model at rest,   all in the root's axes
//
// How the model rests is in its file. How the player does is known if its axes are the model's or the
// room's; else it is what somebody says is the rest pose. Until then it is guessed: where the limbs point
// is known from the bones' places, and that nothing is twisted right now is assumed.
import { Matrix4, Quaternion, Vector3 } from "three";
import type { Object3D } from "three";
import { TRANSFORM_FLOATS } from "../../src/codec/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import { PARENT_UNKNOWN } from "../../src/codec/rig/bone-names.ts";
import type { BodyPart, NamedSkeleton } from "../../src/codec/rig/bone-names.ts";
import { boneTree } from "../../src/codec/rig/forward-kinematics.ts";
import type { BoneTree } from "../../src/codec/rig/forward-kinematics.ts";
import { createJoints } from "./joints.ts";
import type { Joint } from "./joints.ts";
import type { ModelRest } from "./model-rest.ts";
import { PoseSample, worldRotations } from "./pose-sample.ts";
import { alignedFacing, hasSameAxes, hasSameSkeleton } from "./rest-axes.ts";
import { heading, restOffsets, trunkTurn } from "./rest-offsets.ts";
import type { Stance } from "./rest-offsets.ts";

/**
 * How a model's rest fits a player's. `same`: it is the same skeleton, to be copied as it is. `known`: the
 * axes tell. `matched`: somebody said so. `guessed`: see above.
 */
export type Fit = "same" | "known" | "matched" | "guessed";

export interface RetargetOptions {
  readonly object: Object3D;
  readonly rest: ModelRest;
  /** The model's node for each bone. */
  readonly nodes: readonly (Object3D | undefined)[];
  readonly named: NamedSkeleton;
  readonly pose: Pose;
  /** `pose` is how the player rests: upright, as the model does, whichever way it faces. */
  readonly isRest: boolean;
}

interface Anchor {
  readonly joint: Joint;
  /** From the model's axes to those of what the joint hangs on. */
  readonly inverse: Matrix4;
}

const HALF_TURN = new Quaternion(0, 1, 0, 0);
const UNTURNED = new Quaternion();

export class Retarget {
  readonly fit: Fit;
  /** The model's size in sizes of the player. */
  readonly scale: number;
  readonly #tree: BoneTree;
  readonly #joints: readonly Joint[];
  /** By joint. */
  readonly #offsets: readonly Quaternion[];
  /** By joint, of this frame. */
  readonly #turned: readonly Quaternion[];
  readonly #parents: Int32Array;
  readonly #anchors: readonly Anchor[];
  /** By bone, of this frame. */
  readonly #rotations: readonly Quaternion[];

  constructor({ object, rest, nodes, named, pose, isRest }: RetargetOptions) {
    const joints = createJoints(rest, object, nodes, named.parts);
    this.#joints = joints;
    this.#tree = boneTree(parentsOf(named, joints));
    this.#parents = Int32Array.from(joints, ({ parent }) => (parent ? joints.indexOf(parent) : -1));
    this.#rotations = Array.from(nodes, () => new Quaternion());
    this.#turned = joints.map(() => new Quaternion());
    const sample = new PoseSample(pose, this.#tree);
    const facing = alignedFacing(named.parts, sample);
    const hasAxes = hasSameAxes(joints, sample);
    const now = ({ bone }: Joint) => sample.rotations[bone];
    let stance: Stance;
    if (isRest) {
      this.fit = "matched";
      stance = { trunk: heading(joints, sample), restOf: now, isUpright: true };
    } else if (hasAxes === true) {
      this.fit = "known";
      stance = { trunk: UNTURNED, restOf: ({ rest: { rotation } }) => rotation, isUpright: true };
    } else if (facing !== undefined || hasAxes === undefined) {
      this.fit = "known";
      const trunk = facing === "-z" ? HALF_TURN : UNTURNED;
      stance = { trunk, restOf: () => UNTURNED, isUpright: true };
    } else {
      this.fit = "guessed";
      stance = { trunk: trunkTurn(joints, sample), restOf: now, isUpright: false };
    }
    if (!isRest && hasSameSkeleton(rest, nodes, this.#tree.parents, sample)) this.fit = "same";
    this.#offsets = restOffsets(joints, sample, stance);
    const scale = sizeRatio(joints, sample);
    this.scale = scale ?? 1;
    // Who sends no places of bones says nothing of where the hips are either.
    this.#anchors = scale === null ? [] : anchorsOf(joints, rest);
  }

  /** Turns the model's nodes, and puts those on top where they belong. Nothing is allocated. */
  apply(pose: Pose): void {
    worldRotations(this.#rotations, pose, this.#tree);
    for (let index = 0; index < this.#joints.length; index++) {
      const { bone, node, fromParent } = this.#joints[index];
      const parent = this.#parents[index];
      const turned = this.#turned[index];
      turned.multiplyQuaternions(this.#rotations[bone], this.#offsets[index]);
      if (parent < 0) above.copy(fromParent);
      else above.multiplyQuaternions(this.#turned[parent], fromParent);
      node.quaternion.multiplyQuaternions(above.invert(), turned);
    }
    for (let index = 0; index < this.#anchors.length; index++) {
      const { joint, inverse } = this.#anchors[index];
      this.#readPosition(place, pose, joint.bone).multiplyScalar(this.scale);
      joint.node.position.copy(place).applyMatrix4(inverse);
    }
  }

  #readPosition(out: Vector3, { bones }: Pose, bone: number): Vector3 {
    const { parents } = this.#tree;
    out.fromArray(bones, bone * TRANSFORM_FLOATS);
    for (let up = parents[bone]; up >= 0; up = parents[up]) {
      const at = up * TRANSFORM_FLOATS;
      out.multiply(vector.fromArray(bones, at + 7));
      out.applyQuaternion(above.fromArray(bones, at + 3));
      out.add(vector.fromArray(bones, at));
    }
    return out;
  }
}

const above = new Quaternion();
const place = new Vector3();
const vector = new Vector3();

/** Whose child each bone is; of those that nothing says it of, as the model has it. */
function parentsOf({ parents }: NamedSkeleton, joints: readonly Joint[]): Int32Array {
  const all = Int32Array.from(parents);
  for (const { bone, parent } of joints) {
    if (all[bone] === PARENT_UNKNOWN && parent !== null) all[bone] = parent.bone;
  }
  return all;
}

/** The model's length of legs in the player's, or else of all bones; null where the player's have none. */
function sizeRatio(joints: readonly Joint[], sample: PoseSample): number | null {
  const hung = joints.filter(({ bone, parent }) => parent && sample.isBelow(bone, parent.bone));
  const shins = hung.filter(({ part }) => /(lowerLeg|foot)$/.test(part ?? ""));
  for (const measured of [shins, hung]) {
    let own = 0;
    let posted = 0;
    for (const { bone, parent, rest } of measured) {
      own += rest.position.distanceTo(parent!.rest.position);
      posted += sample.positions[bone].distanceTo(sample.positions[parent!.bone]);
    }
    if (own > 0 && posted > 0) return own / posted;
  }
  return null;
}

// A hand or a head without a body stays on the model's.
const ANCHORED = new Set<BodyPart | undefined>(["hips", "root", undefined]);

/** Joints that are put somewhere: those on top. */
function anchorsOf(joints: readonly Joint[], rest: ModelRest): Anchor[] {
  return joints
    .filter(({ parent, part }) => parent === null && ANCHORED.has(part))
    .map((joint) => ({ joint, inverse: rest.of(joint.node.parent!).matrix.clone().invert() }));
}
