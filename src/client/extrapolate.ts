// The pose after the newest one, while the next frame is late: flat functions, nothing allocated.
//
// Motion continues a little, more and more slowly, and then returns to the newest pose, because a sender that
// pauses says nothing: its newest pose is what it wants to be seen in. A bone continues no faster than it moved
// in both of the last two steps. So a bone that has just begun to move, stopped or been teleported stays where
// the newest pose has it.
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import { checkSamePoseSize } from "../codec/frame.ts";
import type { Pose } from "../codec/index.ts";
import { mix, normalizeRotation, ROTATION_AT, slerp } from "./interpolate.ts";

/** Motion continues for at most this long after the newest pose. */
export const EXTRAPOLATION_MAX_MS = 80;
/** After this long the newest pose is shown again, exactly. */
export const SETTLED_MS = 240;
// The speed falls evenly from full to zero within EXTRAPOLATION_MAX_MS: half of the way at full speed.
const AHEAD_MAX_MS = EXTRAPOLATION_MAX_MS / 2;

/** The poses that show how a player moved last, and the time between them. */
export interface LastSteps {
  oldest: Pose;
  older: Pose;
  newest: Pose;
  /** From `oldest` to `older`, milliseconds; above 0. */
  olderStepMs: number;
  /** From `older` to `newest`, milliseconds; above 0. */
  newestStepMs: number;
}

/**
 * How far motion is ahead of the newest pose `afterMs` after it, in milliseconds of motion at full speed: up
 * to 40, and 0 again from SETTLED_MS on.
 */
export function dampedAheadMs(afterMs: number): number {
  if (!(afterMs > 0) || afterMs >= SETTLED_MS) return 0;
  if (afterMs <= EXTRAPOLATION_MAX_MS) return afterMs - (afterMs * afterMs) / (4 * AHEAD_MAX_MS);
  // A cubic that begins and ends without speed.
  const back = (afterMs - EXTRAPOLATION_MAX_MS) / (SETTLED_MS - EXTRAPOLATION_MAX_MS);
  return AHEAD_MAX_MS * (1 - back) * (1 - back) * (1 + 2 * back);
}

/**
 * The newest pose, moved on by `aheadMs` of motion. Scales and weights stay those of the newest pose, because
 * a scale below 0 or a weight beyond 1 would show what cannot be.
 * @throws {RangeError} if the poses do not have the same number of bones and blend shapes.
 */
export function extrapolatePose(steps: LastSteps, aheadMs: number, out: Pose): Pose {
  const { oldest, older, newest } = steps;
  checkSamePoseSize(oldest, out);
  checkSamePoseSize(older, out);
  checkSamePoseSize(newest, out);
  extrapolateTransforms(steps, oldest.root, older.root, newest.root, aheadMs, out.root);
  extrapolateTransforms(steps, oldest.bones, older.bones, newest.bones, aheadMs, out.bones);
  out.blendShapes.set(newest.blendShapes);
  const t = 1 + aheadMs / steps.newestStepMs;
  out.timestamp = mix(older.timestamp, newest.timestamp, t);
  out.server_timestamp = mix(older.server_timestamp, newest.server_timestamp, t);
  return out;
}

function extrapolateTransforms(
  { olderStepMs, newestStepMs }: LastSteps,
  oldest: Float32Array,
  older: Float32Array,
  newest: Float32Array,
  aheadMs: number,
  out: Float32Array,
): void {
  const stepRatio = newestStepMs / olderStepMs;
  const ahead = aheadMs / newestStepMs;
  for (let at = 0; at < out.length; at += TRANSFORM_FLOATS) {
    // The newest's numbers, before `out` is written: it may be one of the three.
    for (let float = 0; float < TRANSFORM_FLOATS; float++) {
      out[at + float] = newest[at + float];
    }
    const position = ahead * positionShare(oldest, older, newest, at, stepRatio);
    if (position > 0) {
      for (let axis = at; axis < at + ROTATION_AT; axis++) {
        out[axis] = newest[axis] + (newest[axis] - older[axis]) * position;
      }
    }
    const rotationAt = at + ROTATION_AT;
    const rotation = ahead * rotationShare(oldest, older, newest, rotationAt, stepRatio);
    if (rotation > 0) slerp(older, rotationAt, newest, rotationAt, 1 + rotation, out, rotationAt);
    else normalizeRotation(out, rotationAt);
  }
}

/** How much of the last step's motion, 0 to 1, the step before it had too. */
function positionShare(
  oldest: Float32Array,
  older: Float32Array,
  newest: Float32Array,
  at: number,
  stepRatio: number,
): number {
  let common = 0;
  let whole = 0;
  for (let axis = at; axis < at + ROTATION_AT; axis++) {
    const last = newest[axis] - older[axis];
    common += last * (older[axis] - oldest[axis]);
    whole += last * last;
  }
  return shareOf(common * stepRatio, whole);
}

/** As `positionShare`, of a rotation: of the turns from one pose to the next, as their axes times half a sine. */
function rotationShare(
  oldest: Float32Array,
  older: Float32Array,
  newest: Float32Array,
  at: number,
  stepRatio: number,
): number {
  writeTurn(oldest, older, at, olderTurn);
  writeTurn(older, newest, at, lastTurn);
  let common = 0;
  let whole = 0;
  for (let axis = 0; axis < 3; axis++) {
    common += lastTurn[axis] * olderTurn[axis];
    whole += lastTurn[axis] * lastTurn[axis];
  }
  return shareOf(common * stepRatio, whole);
}

// Overwritten for each rotation.
const olderTurn = new Float64Array(3);
const lastTurn = new Float64Array(3);

/** The vector part of the rotation from `a` to `b`, in a's own axes, along the shorter arc. */
function writeTurn(a: Float32Array, b: Float32Array, at: number, out: Float64Array): void {
  const ax = -a[at];
  const ay = -a[at + 1];
  const az = -a[at + 2];
  const aw = a[at + 3];
  const bx = b[at];
  const by = b[at + 1];
  const bz = b[at + 2];
  const bw = b[at + 3];
  const sign = aw * bw - ax * bx - ay * by - az * bz < 0 ? -1 : 1;
  out[0] = sign * (aw * bx + ax * bw + ay * bz - az * by);
  out[1] = sign * (aw * by - ax * bz + ay * bw + az * bx);
  out[2] = sign * (aw * bz + ax * by - ay * bx + az * bw);
}

function shareOf(common: number, whole: number): number {
  // Also where nothing moves, or a number is not finite.
  if (!(common > 0 && whole > 0)) return 0;
  return Math.min(1, common / whole);
}
