// Rotations within the guaranteed error, the worst of them close to it.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../frame.ts";
import { dequantizePose } from "./dequantize.ts";
import { PoseQuantizer } from "./pose-quantizer.ts";
import {
  rotationErrorOf,
  ROTATION_STEP_MAX,
  ROTATION_STEP_MIN,
  ROUNDING_STILL_MAX,
} from "./precision.ts";
import { TURN_SQUARE_MAX } from "./rotation.ts";
import { assembleStreamSkeleton } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { createState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";

type Four = [number, number, number, number];

const skeleton = { boneNames: [], blendShapeNames: [] };

/** A skeleton of a root alone. */
function rootOf(rotationStep: number, rest: Four = [0, 0, 0, 1]): StreamSkeleton {
  return assembleStreamSkeleton(skeleton, Float32Array.of(0, 0, 0, ...rest, 1, 1, 1), 1, {
    rotationSteps: Float32Array.of(rotationStep),
    positionSteps: Float32Array.of(0.002),
    scaleSteps: Float32Array.of(0.002),
  });
}

function quantize(stream: StreamSkeleton, rotation: Four, near: StreamState | null = null) {
  const pose = createPose(skeleton);
  pose.root.set(rotation, 3);
  const by = near === null ? null : { mode: 4 as const, reference: near, before: near };
  return new PoseQuantizer(stream).quantize(pose, by, createState(1, 0));
}

function roundTrip(stream: StreamSkeleton, rotation: Four): Float32Array {
  const out = createPose(skeleton);
  dequantizePose(stream, quantize(stream, rotation), out);
  return out.root.slice(3, 7);
}

/** Radians of the rotation from one to the other. The chord keeps digits that a cosine loses. */
function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengthA = Math.hypot(a[0], a[1], a[2], a[3]);
  const lengthB = Math.hypot(b[0], b[1], b[2], b[3]);
  const chord = (sign: number): number =>
    Math.hypot(...[0, 1, 2, 3].map((axis) => a[axis] / lengthA - (sign * b[axis]) / lengthB));
  return 4 * Math.asin(Math.min(chord(1), chord(-1)) / 2);
}

const number = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1e30, max: 1e30, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, Math.SQRT1_2, 1e-20, 1e-45),
);
const four = fc.tuple(number, number, number, number);

test("[E7] every rotation of any length from any rest is within the guaranteed error", () => {
  fc.assert(
    fc.property(
      four,
      four,
      fc.double({ min: ROTATION_STEP_MIN, max: ROTATION_STEP_MAX, noNaN: true }),
      (rest, rotation, step) => {
        const stream = rootOf(step, rest.map(Math.fround) as Four);
        const values = Float32Array.from(rotation);
        const out = roundTrip(stream, rotation);
        expect(Math.abs(Math.hypot(...out) - 1)).toBeLessThan(1e-6);
        if (values.every((value) => value === 0)) return;
        // Beside the bound: four f32 components, each off by half its last place, 2^-25 at most.
        expect(angleBetween(values, out)).toBeLessThan(rotationErrorOf(step) + 2e-7);
      },
    ),
    { numRuns: 5000 },
  );
});

test("a rotation at half a turn comes close to the guaranteed error, half of it near the rest", () => {
  const step = 0.01;
  let worst = 0;
  let worstNearRest = 0;
  const stream = rootOf(step);
  for (let index = 0; index < 3000; index++) {
    const axis = [Math.sin(index), Math.cos(1.7 * index), Math.sin(2.3 * index + 1)];
    const length = Math.hypot(...axis);
    for (const half of [0.02, Math.PI / 2]) {
      const [x, y, z] = axis.map((value) => (value / length) * Math.sin(half));
      const rotation: Four = [x, y, z, Math.cos(half)];
      const error = angleBetween(Float32Array.from(rotation), roundTrip(stream, rotation));
      if (half < 1) worstNearRest = Math.max(worstNearRest, error);
      else worst = Math.max(worst, error);
    }
  }
  // Rounded without a prediction: half a step instead of the 0.7 that the bound allows.
  const bound = rotationErrorOf(step) * (0.5 / ROUNDING_STILL_MAX);
  expect(worst).toBeLessThanOrEqual(bound);
  expect(worst).toBeGreaterThan(0.8 * bound);
  expect(worstNearRest).toBeLessThanOrEqual(2 * Math.sqrt(3) * 0.5 * step * 1.01);
  expect(worstNearRest).toBeGreaterThan(0.8 * Math.sqrt(3) * step);
});

test("[E6] a rotation at rest is the rest with length 1, whatever the sign and length", () => {
  for (const length of [1, -1, 1e-30, -3e18]) {
    const rest = [0.5, -0.5, 0.1, 0.7].map((value) => Math.fround(value * length)) as Four;
    const stream = rootOf(0.1, rest);
    expect([...quantize(stream, rest).rotations]).toEqual([0, 0, 0]);
    const opposite = rest.map((value) => -value) as Four;
    expect([...quantize(stream, opposite).rotations]).toEqual([0, 0, 0]);
    expect(angleBetween(roundTrip(stream, rest), rest)).toBeLessThan(2e-7);
  }
});

test("[E6] a quaternion of zero length is the identity", () => {
  expect(Array.from(roundTrip(rootOf(0.1), [0, -0, 0, 0]))).toEqual([0, 0, 0, 1]);
  const half = roundTrip(rootOf(0.001, [0, 0, 0, 0]), [0, 1, 0, 0]);
  expect(Math.abs(half[1])).toBeCloseTo(1, 5);
});

test("[E33] about half a turn the numbers stay near the reference, and a bit beyond they change sides", () => {
  const stream = rootOf(0.01);
  const at = (halfTurns: number): Four => {
    const half = (Math.PI / 2) * halfTurns;
    return [0, Math.sin(half), 0, Math.cos(half)];
  };
  let state = quantize(stream, at(0.95));
  expect(state.rotations[1]).toBeGreaterThan(0);
  state = quantize(stream, at(1.05), state);
  expect(state.rotations[1]).toBeGreaterThan(141);
  state = quantize(stream, at(1.2), state);
  expect(state.rotations[1]).toBeLessThan(0);
  state = quantize(stream, at(0.97), state);
  expect(state.rotations[1]).toBeLessThan(-141);
});

test("[E8] the longest turn that a reader takes is a unit quaternion", () => {
  const stream = rootOf(0.25);
  const state = createState(1, 0);
  // 1.72 steps of 1: 6.88 steps.
  state.rotations.set([4, -4, 4]);
  expect(state.rotations.reduce((sum, value) => sum + value * value, 0) / 16).toBeLessThanOrEqual(
    TURN_SQUARE_MAX,
  );
  const out = createPose(skeleton);
  dequantizePose(stream, state, out);
  expect(Math.hypot(...out.root.subarray(3, 7))).toBeCloseTo(1, 6);
});
