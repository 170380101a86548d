// Rest axes: whether a player's bones rest as a model's nodes do, told from the offsets between them. An
// offset does not turn with the pose: it says along which of its own axes a bone points.
import { Matrix4, Vector3 } from "three";
import type { Object3D } from "three";
import type { BodyPart } from "../../src/codec/rig/bone-names.ts";
import type { Joint } from "./joints.ts";
import type { ModelRest } from "./model-rest.ts";
import type { PoseSample } from "./pose-sample.ts";

// Bones of two bodies point 10 or 20 degrees apart; other axes are 90 or 180 apart.
const SAME_DIRECTION_MIN = Math.cos((30 * Math.PI) / 180);
// A clavicle or a thumb may differ more.
const SAME_SHARE = 0.8;
// Arms may rest halfway down.
const ALIGNED_MIN = 0.6;
// Under this a bone has no length: it was sent without a position.
const LENGTH_MIN = 1e-6;

/** Whether the model's local axes are the player's; undefined where no two bones tell. */
export function hasSameAxes(joints: readonly Joint[], sample: PoseSample): boolean | undefined {
  let compared = 0;
  let same = 0;
  for (const { bone, parent, rest } of joints) {
    if (parent === null || !sample.isBelow(bone, parent.bone)) continue;
    const own = restOffset(parent, rest.position);
    const posted = sample.offset(parent.bone, bone);
    if (own.length() < LENGTH_MIN || posted.length() < LENGTH_MIN) continue;
    compared++;
    if (own.normalize().dot(posted.normalize()) >= SAME_DIRECTION_MIN) same++;
  }
  return compared === 0 ? undefined : same >= compared * SAME_SHARE;
}

/** From a joint to a place in the model at rest, in the joint's axes. */
function restOffset({ rest }: Joint, to: Vector3): Vector3 {
  return to.clone().sub(rest.position).applyQuaternion(rest.rotation.clone().invert());
}

/**
 * Whether the player's bones have the room's axes at rest, as VRM's and Unity's humanoid: unturned, legs
 * hang down and arms point out. It faces +z, or -z; undefined where the axes are others.
 */
export function alignedFacing(
  parts: readonly (BodyPart | undefined)[],
  sample: PoseSample,
): "+z" | "-z" | undefined {
  const dots: number[] = [];
  const look = (from: BodyPart, to: BodyPart, x: number, y: number) => {
    const [a, b] = [parts.indexOf(from), parts.indexOf(to)];
    if (a < 0 || b < 0) return;
    const offset = sample.offset(a, b).normalize();
    if (offset.length() > 0) dots.push(offset.x * x + offset.y * y);
  };
  const leftArm = [parts.indexOf("left upperArm"), parts.indexOf("left lowerArm")] as const;
  const isTurned = leftArm.every((bone) => bone >= 0) && sample.offset(...leftArm).x < 0;
  for (const [side, sign] of [
    ["left", 1],
    ["right", -1],
  ] as const) {
    const out = isTurned ? -sign : sign;
    look(`${side} upperArm`, `${side} lowerArm`, out, 0);
    look(`${side} lowerArm`, `${side} hand`, out, 0);
    look(`${side} upperLeg`, `${side} lowerLeg`, 0, -1);
    look(`${side} lowerLeg`, `${side} foot`, 0, -1);
  }
  look("hips", "spine", 0, 1);
  look("neck", "head", 0, 1);
  // Two arms or two legs alone may lie along an axis by chance.
  if (dots.length < 5 || dots.some((dot) => dot < ALIGNED_MIN)) return undefined;
  return isTurned ? "-z" : "+z";
}

// Of the largest offset: half a centimetre of a body.
const SAME_PLACE = 0.01;
// The bones of a face may be moved.
const SAME_PLACE_SHARE = 0.9;
const IDENTITY = new Matrix4();

/**
 * Whether positions and scales mean the same to both: bone by bone the same offsets in the same unit, and
 * nothing in the model above the bones that have no parent. `nodes` are by bone.
 */
export function hasSameSkeleton(
  rest: ModelRest,
  nodes: readonly (Object3D | undefined)[],
  parents: Int32Array,
  sample: PoseSample,
): boolean {
  const offsets = nodes.map((node, bone) =>
    node === undefined || parents[bone] < 0 ? 0 : rest.of(node).local.position.length(),
  );
  const near = Math.max(...offsets) * SAME_PLACE;
  let compared = 0;
  let same = 0;
  for (const [bone, node] of nodes.entries()) {
    if (node === undefined) continue;
    const { position, scale } = rest.of(node).local;
    if (parents[bone] < 0) {
      if (!isIdentity(rest.of(node.parent!).matrix)) return false;
      continue;
    }
    compared++;
    const hasSameScale = scale.distanceTo(sample.localScales[bone]) <= scale.length() * SAME_PLACE;
    const hasSamePlace = position.distanceTo(sample.localPositions[bone]) <= near;
    if (hasSameScale && hasSamePlace && nodes[parents[bone]] === node.parent) same++;
  }
  return same >= compared * SAME_PLACE_SHARE;
}

function isIdentity({ elements }: Matrix4): boolean {
  return elements.every((value, index) => Math.abs(value - IDENTITY.elements[index]) < 1e-4);
}
