// Poses between and a little beyond two poses: flat functions, `out` first, nothing allocated.
//
// Rotations: whatever was sent is normalised; one that has no direction (all zeros, or not finite)
// counts as the other one of the two, and as the identity where both have none. The way is the shorter
// of the two arcs, so q and -q, which are the same rotation, are never far apart.
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose } from "../codec/index.ts";

// Where rotation and scale begin in a transform: position xyz, rotation xyzw, scale xyz.
const ROTATION_AT = 3;
const SCALE_AT = 7;

// Above this cosine (half angle below 1.8 degrees) sin(angle) loses digits, and the straight line
// between the two, normalised, is off by less than 1e-5 degrees.
const PARALLEL_COSINE = 0.9995;

/** Motion goes on for this long, at the most, after the newest pose. */
export const EXTRAPOLATION_MAX_MS = 100;

/**
 * The pose at `t` between two poses of one skeleton: 0 is the older one, 1 the newer. Every rotation
 * in `out` has unit length. `out` may be one of the two.
 */
export function interpolatePose(out: Pose, older: Pose, newer: Pose, t: number): Pose {
  interpolateTransforms(out.root, older.root, newer.root, t, t);
  interpolateTransforms(out.bones, older.bones, newer.bones, t, t);
  lerp(out.blendShapes, older.blendShapes, newer.blendShapes, t);
  out.timestamp = mix(older.timestamp, newer.timestamp, t);
  out.server_timestamp = mix(older.server_timestamp, newer.server_timestamp, t);
  return out;
}

/**
 * The pose at `t` beyond two poses: 1 is the newer one, 2 as far again. Positions and rotations go on;
 * scales and weights stay the newer one's, for past 0..1 or past 0 they would show what cannot be.
 */
export function extrapolatePose(out: Pose, older: Pose, newer: Pose, t: number): Pose {
  interpolateTransforms(out.root, older.root, newer.root, t, 1);
  interpolateTransforms(out.bones, older.bones, newer.bones, t, 1);
  out.blendShapes.set(newer.blendShapes);
  out.timestamp = mix(older.timestamp, newer.timestamp, t);
  out.server_timestamp = mix(older.server_timestamp, newer.server_timestamp, t);
  return out;
}

/**
 * How far motion has gone `aheadMs` after the newest pose, in milliseconds of motion at full speed. The
 * speed falls evenly from full to none within EXTRAPOLATION_MAX_MS, so a player whose frames stop comes
 * to rest after 50 ms of motion instead of sailing on or halting dead.
 */
export function dampedAheadMs(aheadMs: number): number {
  const ahead = Math.min(Math.max(aheadMs, 0), EXTRAPOLATION_MAX_MS);
  return ahead - (ahead * ahead) / (2 * EXTRAPOLATION_MAX_MS);
}

/** Each number of `out` at `t` between `older` and `newer`; exact at 0 and 1. */
export function lerp(out: Float32Array, older: Float32Array, newer: Float32Array, t: number): void {
  for (let at = 0; at < out.length; at++) out[at] = mix(older[at], newer[at], t);
}

/**
 * Writes the rotation at `t` from the one at `olderAt` to the one at `newerAt`, along the shorter arc,
 * as a quaternion xyzw of unit length. `t` may pass 1.
 */
export function slerp(
  out: Float32Array,
  outAt: number,
  older: Float32Array,
  olderAt: number,
  newer: Float32Array,
  newerAt: number,
  t: number,
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

/** Copies a pose of the same skeleton as it is. */
export function copyPose(out: Pose, pose: Pose): Pose {
  out.root.set(pose.root);
  out.bones.set(pose.bones);
  out.blendShapes.set(pose.blendShapes);
  out.timestamp = pose.timestamp;
  out.server_timestamp = pose.server_timestamp;
  return out;
}

function interpolateTransforms(
  out: Float32Array,
  older: Float32Array,
  newer: Float32Array,
  t: number,
  scaleT: number,
): void {
  for (let at = 0; at < out.length; at += TRANSFORM_FLOATS) {
    out[at] = mix(older[at], newer[at], t);
    out[at + 1] = mix(older[at + 1], newer[at + 1], t);
    out[at + 2] = mix(older[at + 2], newer[at + 2], t);
    slerp(out, at + ROTATION_AT, older, at + ROTATION_AT, newer, at + ROTATION_AT, t);
    out[at + SCALE_AT] = mix(older[at + SCALE_AT], newer[at + SCALE_AT], scaleT);
    out[at + SCALE_AT + 1] = mix(older[at + SCALE_AT + 1], newer[at + SCALE_AT + 1], scaleT);
    out[at + SCALE_AT + 2] = mix(older[at + SCALE_AT + 2], newer[at + SCALE_AT + 2], scaleT);
  }
}

/** Not a + (b - a) t: that misses b at 1, and overflows between numbers of opposite sign. */
function mix(a: number, b: number, t: number): number {
  return a * (1 - t) + b * t;
}

/** 1 / length, or 0 where there is no direction. */
function inverseLength(x: number, y: number, z: number, w: number): number {
  const squared = x * x + y * y + z * z + w * w;
  // Squares of f32 neither overflow nor vanish in f64. NaN fails the comparison.
  return squared > 0 && squared < Infinity ? 1 / Math.sqrt(squared) : 0;
}
