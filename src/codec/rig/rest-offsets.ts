// Rest offsets: the constant rotation between each bone of a player and its node in a model. They follow from one
// moment of the player for which the rotation of its trunk and of its bones is known.
import type { BodyPart } from "./bone-names.ts";
import { limbEnd } from "./joints.ts";
import type { Joint } from "./joints.ts";
import { fromAxes, invert, multiply, quaternion, rotate, swingBetween, yaw } from "./quaternion.ts";
import type { Quaternion } from "./quaternion.ts";
import type { RigSample } from "./rig-sample.ts";
import { add, cross, lengthOf, normalize, subtract, vector } from "./vector.ts";
import type { Vector } from "./vector.ts";

/** What is known of a player at that moment. */
export interface Stance {
  /** Rotation from the model's trunk at rest to the player's. */
  readonly trunk: Quaternion;
  /** Rotation of a joint's bone. */
  readonly restOf: (joint: Joint) => Quaternion;
  /** Whether the player's feet are flat on the floor. */
  readonly isUpright: boolean;
}

/**
 * Returns the offset of each joint. It rotates the model as the player is: limbs point where the player's bones
 * do, and every other joint follows its parent.
 */
export function restOffsets(
  joints: readonly Joint[],
  player: RigSample,
  { trunk, restOf, isUpright }: Stance,
): Quaternion[] {
  const turns = new Map<Joint, Quaternion>();
  return joints.map((joint) => {
    const { parent } = joint;
    // Feet are flat on the floor, even if a shin leans.
    const isOfTrunk = parent === null || (isUpright && joint.part?.endsWith(" foot"));
    let turn = isOfTrunk ? trunk : turns.get(parent)!;
    const end = limbEnd(joint, joints);
    if (end !== undefined) {
      const from = rotate(subtract(end.position, joint.position), turn);
      const to = rotate(player.offset(joint.bone, end.bone), restOf(joint));
      if (lengthOf(from) > 0 && lengthOf(to) > 0) {
        turn = multiply(swingBetween(normalize(from), normalize(to)), turn);
      }
    }
    turns.set(joint, turn);
    return multiply(invert(restOf(joint)), multiply(turn, joint.rotation));
  });
}

/** Rotation from the model's trunk at rest to the player's. */
export function trunkTurn(joints: readonly Joint[], player: RigSample): Quaternion {
  const players = trunkAxes(joints, ({ bone }) => player.positions[bone]);
  const own = trunkAxes(joints, ({ position }) => position);
  if (players === null || own === null) return quaternion();
  return multiply(fromAxes(...players), invert(fromAxes(...own)));
}

/** The same for two bodies that are upright: a rotation about +y. */
export function heading(joints: readonly Joint[], player: RigSample): Quaternion {
  const [x, , z] = rotate(vector(0, 0, 1), trunkTurn(joints, player));
  return yaw(Math.atan2(x, z));
}

/** Whether the model faces -z at rest. Files of VRM 0 do. */
export function facesBackward(joints: readonly Joint[]): boolean {
  const forward = trunkAxes(joints, ({ position }) => position)?.[2];
  return forward !== undefined && forward[2] < -0.5;
}

type Axes = readonly [left: Vector, up: Vector, forward: Vector];

/** Directions of a body: unit vectors at right angles. */
function trunkAxes(joints: readonly Joint[], placeOf: (joint: Joint) => Vector): Axes | null {
  const find = (part: BodyPart) => {
    const joint = joints.find((each) => each.part === part);
    return joint === undefined ? null : placeOf(joint);
  };
  const pair = (kind: string) => {
    const [left, right] = [find(`left ${kind}`), find(`right ${kind}`)];
    return left === null || right === null ? null : { left, right };
  };
  const [legs, arms] = [pair("upperLeg"), pair("upperArm")];
  const across = legs ?? arms;
  const top = arms === null ? (find("neck") ?? find("head")) : middle(arms);
  const bottom = find("hips") ?? (legs === null ? null : middle(legs));
  if (across === null || top === null || bottom === null) return null;
  const up = normalize(subtract(top, bottom));
  const forward = normalize(cross(subtract(across.left, across.right), up));
  if (lengthOf(up) === 0 || lengthOf(forward) === 0) return null;
  return [cross(up, forward), up, forward];
}

function middle({ left, right }: { left: Vector; right: Vector }): Vector {
  return add(left, right).map((value) => value / 2);
}
