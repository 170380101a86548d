// Rest offsets: the constant rotation between each bone of a player and its node in a model, from one
// moment of the player at which something is known of how it stands.
import { Matrix4, Quaternion, Vector3 } from "three";
import type { BodyPart } from "../../src/codec/rig/bone-names.ts";
import { limbEnd } from "./joints.ts";
import type { Joint } from "./joints.ts";
import type { PoseSample } from "./pose-sample.ts";

/** How a player stands whose bones' places are known. */
export interface Stance {
  /** How its trunk is turned against the model's. */
  readonly trunk: Quaternion;
  /** How a joint's bone is turned. */
  readonly restOf: (joint: Joint) => Quaternion;
  readonly isUpright: boolean;
}

/**
 * The offset of each joint: what the model would have to do to stand so. Its limbs are swung to where the
 * bones point; everything else goes along with what it hangs on.
 */
export function restOffsets(
  joints: readonly Joint[],
  sample: PoseSample,
  { trunk, restOf, isUpright }: Stance,
): Quaternion[] {
  const turns = new Map<Joint, Quaternion>();
  return joints.map((joint) => {
    const { parent } = joint;
    // Feet are flat on the floor, whichever way a shin leans.
    const isOfTrunk = parent === null || (isUpright && joint.part?.endsWith(" foot"));
    const turn = (isOfTrunk ? trunk : turns.get(parent)!).clone();
    const end = limbEnd(joint, joints);
    if (end !== undefined) {
      const from = end.rest.position.clone().sub(joint.rest.position).applyQuaternion(turn);
      const to = sample.offset(joint.bone, end.bone).applyQuaternion(restOf(joint));
      if (from.length() > 0 && to.length() > 0) {
        turn.premultiply(swing.setFromUnitVectors(from.normalize(), to.normalize()));
      }
    }
    turns.set(joint, turn);
    return restOf(joint).clone().invert().multiply(turn).multiply(joint.rest.rotation);
  });
}

const swing = new Quaternion();

/** How the player's trunk is turned against the model's. */
export function trunkTurn(joints: readonly Joint[], sample: PoseSample): Quaternion {
  const posted = trunkAxes(joints, ({ bone }) => sample.positions[bone]);
  const own = trunkAxes(joints, ({ rest }) => rest.position);
  if (posted === null || own === null) return new Quaternion();
  return new Quaternion().setFromRotationMatrix(posted.multiply(own.invert()));
}

/** Which way the player faces, of two who stand upright. */
export function heading(joints: readonly Joint[], sample: PoseSample): Quaternion {
  const { x, z } = new Vector3(0, 0, 1).applyQuaternion(trunkTurn(joints, sample));
  return new Quaternion().setFromAxisAngle(UP, Math.atan2(x, z));
}

const UP = new Vector3(0, 1, 0);

/** Left, up and forward of a body, as the columns of a matrix. */
function trunkAxes(joints: readonly Joint[], placeOf: (joint: Joint) => Vector3): Matrix4 | null {
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
  const up = top.clone().sub(bottom).normalize();
  const forward = across.left.clone().sub(across.right).cross(up).normalize();
  if (up.length() === 0 || forward.length() === 0) return null;
  return new Matrix4().makeBasis(up.clone().cross(forward), up, forward);
}

const middle = ({ left, right }: { left: Vector3; right: Vector3 }) =>
  left.clone().add(right).multiplyScalar(0.5);
