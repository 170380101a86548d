// Quaternions: rotations of unit length as four numbers x, y, z, w. `out` comes last and may be one of the
// operands. Without `out` a function allocates: pass it in code that runs every frame.
import { cross, dot, vector } from "./vector.ts";
import type { Vector } from "./vector.ts";

export type Quaternion = Float64Array<ArrayBuffer>;

export const quaternion = (x = 0, y = 0, z = 0, w = 1): Quaternion => Float64Array.of(x, y, z, w);

/** Reads a quaternion from a list of numbers and normalizes it. Four zeros become the identity. */
export function readQuaternion(
  values: ArrayLike<number>,
  at: number,
  out: Quaternion = quaternion(),
): Quaternion {
  const x = values[at];
  const y = values[at + 1];
  const z = values[at + 2];
  const w = values[at + 3];
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  if (length === 0) return set(0, 0, 0, 1, out);
  return set(x / length, y / length, z / length, w / length, out);
}

/** The product a b: rotates by `b`, then by `a`. */
export function multiply(a: Quaternion, b: Quaternion, out: Quaternion = quaternion()): Quaternion {
  const ax = a[0];
  const ay = a[1];
  const az = a[2];
  const aw = a[3];
  const bx = b[0];
  const by = b[1];
  const bz = b[2];
  const bw = b[3];
  return set(
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
    out,
  );
}

/** The inverse of a quaternion of unit length. */
export function invert(a: Quaternion, out: Quaternion = quaternion()): Quaternion {
  return set(-a[0], -a[1], -a[2], a[3], out);
}

export function rotate(a: Vector, by: Quaternion, out: Vector = vector()): Vector {
  const x = a[0];
  const y = a[1];
  const z = a[2];
  const qx = by[0];
  const qy = by[1];
  const qz = by[2];
  const qw = by[3];
  // v + 2 q x (q x v + w v)
  const cx = qy * z - qz * y + qw * x;
  const cy = qz * x - qx * z + qw * y;
  const cz = qx * y - qy * x + qw * z;
  out[0] = x + 2 * (qy * cz - qz * cy);
  out[1] = y + 2 * (qz * cx - qx * cz);
  out[2] = z + 2 * (qx * cy - qy * cx);
  return out;
}

/** The shortest rotation from one direction to another, both of unit length. */
export function swingBetween(from: Vector, to: Vector, out: Quaternion = quaternion()): Quaternion {
  const cosine = dot(from, to);
  if (cosine < -1 + 1e-12) {
    // Opposite directions: half a turn about any axis at right angles to them.
    const axis = Math.abs(from[0]) > Math.abs(from[2]) ? vector(-from[1], from[0], 0) : undefined;
    const [x, y, z] = axis ?? vector(0, -from[2], from[1]);
    return readQuaternion([x, y, z, 0], 0, out);
  }
  const [x, y, z] = cross(from, to);
  return readQuaternion([x, y, z, 1 + cosine], 0, out);
}

/** The rotation that takes +x, +y and +z to `x`, `y` and `z`: unit vectors at right angles, right-handed. */
export function fromAxes(
  x: Vector,
  y: Vector,
  z: Vector,
  out: Quaternion = quaternion(),
): Quaternion {
  // Shepperd's method: divide by the largest of the four, because it is never near 0.
  const trace = x[0] + y[1] + z[2];
  const largest = Math.max(trace, x[0], y[1], z[2]);
  let parts: readonly [number, number, number, number];
  if (largest === trace) parts = [y[2] - z[1], z[0] - x[2], x[1] - y[0], 1 + trace];
  else if (largest === x[0]) parts = [1 + 2 * x[0] - trace, y[0] + x[1], z[0] + x[2], y[2] - z[1]];
  else if (largest === y[1]) parts = [y[0] + x[1], 1 + 2 * y[1] - trace, z[1] + y[2], z[0] - x[2]];
  else parts = [z[0] + x[2], z[1] + y[2], 1 + 2 * z[2] - trace, x[1] - y[0]];
  return readQuaternion(parts, 0, out);
}

/** A rotation about +y. */
export const yaw = (radians: number): Quaternion =>
  quaternion(0, Math.sin(radians / 2), 0, Math.cos(radians / 2));

function set(x: number, y: number, z: number, w: number, out: Quaternion): Quaternion {
  out[0] = x;
  out[1] = y;
  out[2] = z;
  out[3] = w;
  return out;
}
