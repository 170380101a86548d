// Poses between two poses: flat functions, `out` last, nothing allocated.
//
// Rotations are normalised. A rotation without direction (all zeros, or not finite) is replaced by the
// other one of the two, and by the identity if neither has one. Interpolation follows the shorter of the
// two arcs, so q and -q, which are the same rotation, are never far apart.
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import { checkSamePoseSize } from "../codec/frame.ts";
import type { Pose } from "../codec/index.ts";

// Where rotation and scale begin in a transform: position xyz, rotation xyzw, scale xyz.
export const ROTATION_AT = 3;
const SCALE_AT = 7;

// Above this cosine (half angle below 1.8 degrees) sin(angle) loses digits, and the straight line
// between the two, normalised, is off by less than 1e-5 degrees.
const PARALLEL_COSINE = 0.9995;

const UNIT_TOLERANCE = 2.5e-7;

/**
 * The pose at `t` between two poses of one skeleton: 0 is the older one, 1 the newer. Every rotation
 * in `out` has unit length. `out` may be one of the two.
 * @throws {RangeError} if the three do not have the same number of bones and blend shapes.
 */
export function interpolatePose(older: Pose, newer: Pose, t: number, out: Pose): Pose {
  checkSamePoseSize(older, out);
  checkSamePoseSize(newer, out);
  interpolateTransforms(older.root, newer.root, t, out.root);
  interpolateTransforms(older.bones, newer.bones, t, out.bones);
  lerp(older.blendShapes, newer.blendShapes, t, out.blendShapes);
  out.timestamp = mix(older.timestamp, newer.timestamp, t);
  out.server_timestamp = mix(older.server_timestamp, newer.server_timestamp, t);
  return out;
}

/**
 * One pose as it is, but with rotations of unit length.
 * @throws {RangeError} if the two do not have the same number of bones and blend shapes.
 */
export function showPose(pose: Pose, out: Pose): Pose {
  copyPose(pose, out);
  for (let at = ROTATION_AT; at < out.root.length; at += TRANSFORM_FLOATS) {
    normalizeRotation(out.root, at);
  }
  for (let at = ROTATION_AT; at < out.bones.length; at += TRANSFORM_FLOATS) {
    normalizeRotation(out.bones, at);
  }
  return out;
}

/** Gives a rotation unit length, in place. One without a direction becomes the identity. */
export function normalizeRotation(out: Float32Array, at: number): void {
  const scale = inverseLength(out[at], out[at + 1], out[at + 2], out[at + 3]);
  if (scale === 1) return;
  for (let float = at; float < at + 4; float++) out[float] = scale === 0 ? 0 : out[float] * scale;
  if (scale === 0) out[at + 3] = 1;
}

/** Each number of `out` at `t` between `older` and `newer`; exact at 0 and 1. */
export function lerp(older: Float32Array, newer: Float32Array, t: number, out: Float32Array): void {
  for (let at = 0; at < out.length; at++) out[at] = mix(older[at], newer[at], t);
}

/**
 * Writes the rotation at `t` from the one at `olderAt` to the one at `newerAt`, along the shorter arc,
 * as a quaternion xyzw of unit length, into `out` at `outAt`. `t` may be above 1.
 */
export function slerp(
  older: Float32Array,
  olderAt: number,
  newer: Float32Array,
  newerAt: number,
  t: number,
  out: Float32Array,
  outAt: number,
): void {
  let ax = older[olderAt];
  let ay = older[olderAt + 1];
  let az = older[olderAt + 2];
  let aw = older[olderAt + 3];
  let bx = newer[newerAt];
  let by = newer[newerAt + 1];
  let bz = newer[newerAt + 2];
  let bw = newer[newerAt + 3];
  const aScale = inverseLength(ax, ay, az, aw);
  const bScale = inverseLength(bx, by, bz, bw);
  if (aScale === 0 && bScale === 0) {
    ax = ay = az = bx = by = bz = 0;
    aw = bw = 1;
  } else if (aScale === 0) {
    ax = bx *= bScale;
    ay = by *= bScale;
    az = bz *= bScale;
    aw = bw *= bScale;
  } else {
    ax *= aScale;
    ay *= aScale;
    az *= aScale;
    aw *= aScale;
    if (bScale === 0) {
      bx = ax;
      by = ay;
      bz = az;
      bw = aw;
    } else {
      bx *= bScale;
      by *= bScale;
      bz *= bScale;
      bw *= bScale;
    }
  }
  const dot = ax * bx + ay * by + az * bz + aw * bw;
  const cosine = Math.abs(dot);
  let aWeight = 1 - t;
  let bWeight = t;
  if (cosine < PARALLEL_COSINE) {
    const angle = Math.acos(cosine);
    const sine = Math.sin(angle);
    aWeight = Math.sin(aWeight * angle) / sine;
    bWeight = Math.sin(bWeight * angle) / sine;
  }
  // The older one changes sign, not the newer: at 1 the result is the newer one as it was sent.
  if (dot < 0) aWeight = -aWeight;
  const x = aWeight * ax + bWeight * bx;
  const y = aWeight * ay + bWeight * by;
  const z = aWeight * az + bWeight * bz;
  const w = aWeight * aw + bWeight * bw;
  const scale = inverseLength(x, y, z, w);
  out[outAt] = x * scale;
  out[outAt + 1] = y * scale;
  out[outAt + 2] = z * scale;
  out[outAt + 3] = w * scale;
}

/**
 * Copies a pose into another one of the same skeleton.
 * @throws {RangeError} if the two do not have the same number of bones and blend shapes.
 */
export function copyPose(pose: Pose, out: Pose): Pose {
  checkSamePoseSize(pose, out);
  out.root.set(pose.root);
  out.bones.set(pose.bones);
  out.blendShapes.set(pose.blendShapes);
  out.timestamp = pose.timestamp;
  out.server_timestamp = pose.server_timestamp;
  return out;
}

function interpolateTransforms(
  older: Float32Array,
  newer: Float32Array,
  t: number,
  out: Float32Array,
): void {
  for (let at = 0; at < out.length; at += TRANSFORM_FLOATS) {
    out[at] = mix(older[at], newer[at], t);
    out[at + 1] = mix(older[at + 1], newer[at + 1], t);
    out[at + 2] = mix(older[at + 2], newer[at + 2], t);
    slerp(older, at + ROTATION_AT, newer, at + ROTATION_AT, t, out, at + ROTATION_AT);
    out[at + SCALE_AT] = mix(older[at + SCALE_AT], newer[at + SCALE_AT], t);
    out[at + SCALE_AT + 1] = mix(older[at + SCALE_AT + 1], newer[at + SCALE_AT + 1], t);
    out[at + SCALE_AT + 2] = mix(older[at + SCALE_AT + 2], newer[at + SCALE_AT + 2], t);
  }
}

/** Not a + (b - a) t: that misses b at 1, and overflows between numbers of opposite sign. */
export function mix(a: number, b: number, t: number): number {
  return a * (1 - t) + b * t;
}

/** 1 / length, or 0 if there is no direction. */
function inverseLength(x: number, y: number, z: number, w: number): number {
  const squared = x * x + y * y + z * z + w * w;
  // A rotation that was rounded to f32 has unit length to 1.2e-7: it is shown as it came, to the last bit.
  if (Math.abs(squared - 1) < UNIT_TOLERANCE) return 1;
  // In f64 the squares of f32 neither overflow nor become 0. NaN fails the comparison.
  return squared > 0 && squared < Infinity ? 1 / Math.sqrt(squared) : 0;
}
