// Rest axes: finds out how a player's bones rest from the offsets between them. The offset from a bone to its child,
// in the bone's own axes, is the same in every pose.
import type { BodyPart } from "./bone-names.ts";
import type { Joint } from "./joints.ts";
import { invert, rotate } from "./quaternion.ts";
import type { RigSample } from "./rig-sample.ts";
import { dot, lengthOf, normalize, subtract } from "./vector.ts";

// The same bone of two bodies differs by 10 or 20 degrees; other axes differ by 90 or 180.
const SAME_DIRECTION_MIN = Math.cos((30 * Math.PI) / 180);
// A clavicle or a thumb may differ more.
const SAME_SHARE = 0.8;
// Arms may be halfway down at rest.
const ALIGNED_MIN = 0.6;
// Metres. A shorter bone was sent without a position.
const LENGTH_MIN = 1e-6;

/** Whether the model's local axes are the player's. Returns undefined if no two bones can be compared. */
export function hasSameAxes(joints: readonly Joint[], player: RigSample): boolean | undefined {
  let compared = 0;
  let same = 0;
  for (const { bone, parent, position } of joints) {
    if (parent === null || !player.isBelow(bone, parent.bone)) continue;
    const own = rotate(subtract(position, parent.position), invert(parent.rotation));
    const players = player.offset(parent.bone, bone);
    if (lengthOf(own) < LENGTH_MIN || lengthOf(players) < LENGTH_MIN) continue;
    compared++;
    if (dot(normalize(own), normalize(players)) >= SAME_DIRECTION_MIN) same++;
  }
  return compared === 0 ? undefined : same >= compared * SAME_SHARE;
}

/**
 * Which way a player faces whose bones have the room's axes at rest, as those of VRM and of Unity's humanoid do:
 * without rotation, legs point down and arms point out. Returns undefined if its bones have other axes.
 */
export function alignedFacing(
  parts: readonly (BodyPart | undefined)[],
  player: RigSample,
): "+z" | "-z" | undefined {
  const dots: number[] = [];
  const look = (from: BodyPart, to: BodyPart, x: number, y: number) => {
    const [a, b] = [parts.indexOf(from), parts.indexOf(to)];
    if (a < 0 || b < 0) return;
    const offset = normalize(player.offset(a, b));
    if (lengthOf(offset) > 0) dots.push(offset[0] * x + offset[1] * y);
  };
  const leftArm = [parts.indexOf("left upperArm"), parts.indexOf("left lowerArm")] as const;
  const isTurned = leftArm.every((bone) => bone >= 0) && player.offset(...leftArm)[0] < 0;
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
  if (dots.length < 5 || dots.some((each) => each < ALIGNED_MIN)) return undefined;
  return isTurned ? "-z" : "+z";
}
