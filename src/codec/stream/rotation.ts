// Rotations as "smallest three": the largest component is dropped, because the other three tell it. Those
// are within 1/sqrt(2) of zero. Rules E6 to E9. Uses + - * / sqrt only, so that every engine computes the
// same bits.
import type { StreamState } from "./stream-state.ts";

// The kept components, by the dropped one.
const KEPT_0 = Uint8Array.of(1, 0, 0, 0);
const KEPT_1 = Uint8Array.of(2, 2, 1, 1);
const KEPT_2 = Uint8Array.of(3, 3, 3, 2);

const W = 3;

/**
 * Quantises the quaternion xyzw at `values[at]` into `out`'s `transform`. It may have any length; one of
 * zero length is the identity.
 */
export function quantizeRotation(
  values: Float32Array | Float64Array,
  at: number,
  rotationMax: number,
  out: StreamState,
  transform: number,
): void {
  const x = values[at];
  const y = values[at + 1];
  const z = values[at + 2];
  const w = values[at + 3];
  // Of equal ones the first in the order w x y z, so that rotations near the identity drop the same one.
  let dropped = W;
  let largest = Math.abs(w);
  if (Math.abs(x) > largest) {
    dropped = 0;
    largest = Math.abs(x);
  }
  if (Math.abs(y) > largest) {
    dropped = 1;
    largest = Math.abs(y);
  }
  if (Math.abs(z) > largest) dropped = 2;
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  const first = 3 * transform;
  out.dropped[transform] = dropped;
  if (length === 0) {
    out.rotations[first] = 0;
    out.rotations[first + 1] = 0;
    out.rotations[first + 2] = 0;
    return;
  }
  // q and -q are the same rotation: the dropped component counts as positive.
  const scale = (values[at + dropped] < 0 ? -rotationMax : rotationMax) / (length * Math.SQRT1_2);
  out.rotations[first] = toSteps(values[at + KEPT_0[dropped]] * scale, rotationMax);
  out.rotations[first + 1] = toSteps(values[at + KEPT_1[dropped]] * scale, rotationMax);
  out.rotations[first + 2] = toSteps(values[at + KEPT_2[dropped]] * scale, rotationMax);
}

/** Writes the unit quaternion xyzw of `state`'s `transform` to `out[at]`. */
export function dequantizeRotation(
  state: StreamState,
  transform: number,
  rotationMax: number,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const step = Math.SQRT1_2 / rotationMax;
  const first = 3 * transform;
  const dropped = state.dropped[transform];
  let a = state.rotations[first] * step;
  let b = state.rotations[first + 1] * step;
  let c = state.rotations[first + 2] * step;
  const square = a * a + b * b + c * c;
  let d = 0;
  if (square <= 1) {
    d = Math.sqrt(1 - square);
  } else {
    // No rotation is quantised to this, but a peer may send it.
    const length = Math.sqrt(square);
    a /= length;
    b /= length;
    c /= length;
  }
  out[at + KEPT_0[dropped]] = a;
  out[at + KEPT_1[dropped]] = b;
  out[at + KEPT_2[dropped]] = c;
  out[at + dropped] = d;
}

const turned = new Float64Array(4);

/** Writes the rotation of `state`'s `transform` with another component dropped: three numbers. */
export function dropAnother(
  state: StreamState,
  transform: number,
  dropped: number,
  rotationMax: number,
  out: Int32Array,
): void {
  dequantizeRotation(state, transform, rotationMax, turned, 0);
  const scale = (turned[dropped] < 0 ? -rotationMax : rotationMax) / Math.SQRT1_2;
  out[0] = toSteps(turned[KEPT_0[dropped]] * scale, rotationMax);
  out[1] = toSteps(turned[KEPT_1[dropped]] * scale, rotationMax);
  out[2] = toSteps(turned[KEPT_2[dropped]] * scale, rotationMax);
}

function toSteps(value: number, max: number): number {
  const steps = Math.floor(value + 0.5);
  return steps > max ? max : steps < -max ? -max : steps;
}
