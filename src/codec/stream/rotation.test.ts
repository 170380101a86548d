// Rotations within the guaranteed error, the worst of them close to it.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { maxErrors } from "./max-errors.ts";
import { dequantizeRotation, dropAnother, quantizeRotation } from "./rotation.ts";
import { DEFAULT_PRECISION, ROTATION_BITS_MAX, ROTATION_BITS_MIN } from "./stream-skeleton.ts";
import { createState } from "./stream-state.ts";

type Four = [number, number, number, number];

const state = createState(1, 0);
const guaranteed = (rotationBits: number): number =>
  maxErrors({ ...DEFAULT_PRECISION, rotationBits }).rotationDegrees;

/** Beside the bound: four f32 components, each off by at most half its last place, 2^-25. */
const F32_DEGREES = 1e-5;

function roundTrip(quaternion: Four, rotationBits: number): Float32Array {
  const rotationMax = 2 ** (rotationBits - 1) - 1;
  const out = new Float32Array(4);
  quantizeRotation(Float32Array.from(quaternion), 0, rotationMax, state, 0);
  dequantizeRotation(state, 0, rotationMax, out, 0);
  return out;
}

/** Degrees of the rotation from one to the other. The chord keeps digits that a cosine loses. */
function degreesBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengthA = Math.hypot(a[0], a[1], a[2], a[3]);
  const lengthB = Math.hypot(b[0], b[1], b[2], b[3]);
  const chord = (sign: number): number =>
    Math.hypot(...[0, 1, 2, 3].map((axis) => a[axis] / lengthA - (sign * b[axis]) / lengthB));
  return (4 * Math.asin(Math.min(chord(1), chord(-1)) / 2) * 180) / Math.PI;
}

test("at 10 bits the guaranteed error is 0.275 degrees", () => {
  expect(guaranteed(10)).toBeCloseTo(0.275, 3);
});

test("[E7] every rotation of any length is within the guaranteed error", () => {
  const number = fc.oneof(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1e30, max: 1e30, noNaN: true }),
    fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, Math.SQRT1_2, 1e-20, 1e-45),
  );
  fc.assert(
    fc.property(
      fc.tuple(number, number, number, number),
      fc.integer({ min: ROTATION_BITS_MIN, max: ROTATION_BITS_MAX }),
      (quaternion, bits) => {
        const values = Float32Array.from(quaternion);
        const out = roundTrip(quaternion, bits);
        expect(Math.abs(Math.hypot(...out) - 1)).toBeLessThan(1e-6);
        if (values.every((value) => value === 0)) return;
        expect(degreesBetween(values, out)).toBeLessThan(guaranteed(bits) + F32_DEGREES);
      },
    ),
    { numRuns: 20_000 },
  );
});

test("the worst rotations come within 2 % of the guaranteed error, and not beyond it", () => {
  for (let bits = ROTATION_BITS_MIN; bits <= 12; bits++) {
    const rotationMax = 2 ** (bits - 1) - 1;
    const step = Math.SQRT1_2 / rotationMax;
    // All four equal but for half a step: as far out as the kept components go together.
    const corner = Math.floor(0.5 / step);
    let worst = 0;
    for (let a = corner - 3; a <= corner + 1; a++) {
      for (const half of [-0.4999, 0.4999]) {
        for (let sign = 0; sign < 8; sign++) {
          const c = [0, 1, 2].map((axis) => (a + half) * step * ((sign >> axis) & 1 ? -1 : 1));
          const rest = 1 - c[0] * c[0] - c[1] * c[1] - c[2] * c[2];
          const quaternion: Four = [c[0], c[1], c[2], Math.sqrt(rest)];
          // In f64, so that rounding the input does not count.
          const out = new Float64Array(4);
          quantizeRotation(Float64Array.from(quaternion), 0, rotationMax, state, 0);
          dequantizeRotation(state, 0, rotationMax, out, 0);
          worst = Math.max(worst, degreesBetween(quaternion, out));
        }
      }
    }
    expect(worst).toBeLessThanOrEqual(guaranteed(bits));
    expect(worst).toBeGreaterThan(0.98 * guaranteed(bits) * (1 - 4 / rotationMax));
  }
});

test("[E6] the identity and half turns about an axis are exact, whatever the sign and length", () => {
  for (let axis = 0; axis < 4; axis++) {
    for (const length of [1, -1, 1e-30, -3e18]) {
      const quaternion: Four = [0, 0, 0, 0];
      quaternion[axis] = length;
      const expected = [0, 0, 0, 0];
      expected[axis] = 1;
      expect(Array.from(roundTrip(quaternion, 10), Math.abs)).toEqual(expected);
    }
  }
});

test("[E6] a quaternion of zero length is the identity", () => {
  expect(Array.from(roundTrip([0, -0, 0, 0], 10))).toEqual([0, 0, 0, 1]);
});

test("[E8] what no rotation quantises to still is a unit quaternion", () => {
  for (let dropped = 0; dropped < 4; dropped++) {
    state.dropped[0] = dropped;
    state.rotations.set([511, -511, 511]);
    const out = new Float64Array(4);
    dequantizeRotation(state, 0, 511, out, 0);
    expect(Math.hypot(...out)).toBeCloseTo(1, 12);
    const kept = new Int32Array(3);
    for (let other = 0; other < 4; other++) {
      dropAnother(state, 0, other, 511, kept);
      expect(kept.every((value) => Math.abs(value) <= 511)).toBe(true);
    }
  }
});
