import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../codec/index.ts";
import type { Pose } from "../codec/index.ts";
import { copyPose, interpolatePose, lerp, showPose, slerp } from "./interpolate.ts";

const f32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const component = fc.float({ min: -1, max: 1, noNaN: true });
const quaternion = fc
  .tuple(component, component, component, component)
  .map((xyzw) => Float32Array.from(xyzw))
  .filter((xyzw) => lengthOf(xyzw) > 1e-3);
const share = fc.double({ min: 0, max: 1, noNaN: true });

function lengthOf(q: Float32Array): number {
  return Math.hypot(...q);
}

/** The angle of the rotation from one to the other, radians; q and -q are the same rotation. */
function angleBetween(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, index) => sum + value * b[index], 0);
  return 2 * Math.acos(Math.min(1, Math.abs(dot) / (lengthOf(a) * lengthOf(b))));
}

function slerped(a: Float32Array, b: Float32Array, t: number): Float32Array {
  const out = new Float32Array(4);
  slerp(a, 0, b, 0, t, out, 0);
  return out;
}

// acos near 1: an error of 1e-7 in the cosine is 4.5e-4 in the angle.
const ANGLE_TOLERANCE = 2e-3;

describe("slerp", () => {
  test("gives unit length, whatever the lengths of the two", () => {
    fc.assert(
      fc.property(quaternion, quaternion, share, f32, (a, b, t, scale) => {
        const scaled = b.map((each) => each * Math.max(1e-6, Math.abs(scale) % 1000));
        expect(lengthOf(slerped(a, scaled, t))).toBeCloseTo(1, 5);
      }),
    );
  });

  test("is the two rotations at its ends", () => {
    fc.assert(
      fc.property(quaternion, quaternion, (a, b) => {
        expect(angleBetween(slerped(a, b, 0), a)).toBeLessThan(ANGLE_TOLERANCE);
        expect(angleBetween(slerped(a, b, 1), b)).toBeLessThan(ANGLE_TOLERANCE);
      }),
    );
    const unit = Float32Array.from([0.5, -0.5, 0.5, -0.5]);
    expect(slerped(Float32Array.from([0, 0, 0, 1]), unit, 1)).toEqual(unit);
  });

  test("takes the shorter arc, at an even speed", () => {
    fc.assert(
      fc.property(quaternion, quaternion, share, (a, b, t) => {
        const whole = angleBetween(a, b);
        const middle = slerped(a, b, t);
        expect(Math.abs(angleBetween(a, middle) - t * whole)).toBeLessThan(ANGLE_TOLERANCE);
        expect(Math.abs(angleBetween(middle, b) - (1 - t) * whole)).toBeLessThan(ANGLE_TOLERANCE);
      }),
    );
  });

  test("a sign is no rotation", () => {
    fc.assert(
      fc.property(quaternion, quaternion, share, (a, b, t) => {
        // Of a half turn both arcs are as short.
        fc.pre(angleBetween(a, b) < Math.PI - 1e-2);
        const negated = b.map((each) => -each);
        expect(angleBetween(slerped(a, b, t), slerped(a, negated, t))).toBeLessThan(
          ANGLE_TOLERANCE,
        );
      }),
    );
  });

  test("a rotation without a direction counts as the other one, two as the identity", () => {
    const none = new Float32Array(4);
    const notFinite = Float32Array.from([Number.NaN, 0, 0, 1]);
    const turned = Float32Array.from([0, 0.6, 0, 0.8]);
    for (const nothing of [none, notFinite]) {
      expect(slerped(nothing, turned, 0.3)).toEqual(turned);
      expect(slerped(turned, nothing, 0.3)).toEqual(turned);
      expect(slerped(nothing, none, 0.3)).toEqual(Float32Array.from([0, 0, 0, 1]));
    }
  });

  test("continues beyond the end", () => {
    const quarter = Float32Array.from([0, Math.SQRT1_2, 0, Math.SQRT1_2]);
    const half = slerped(Float32Array.from([0, 0, 0, 1]), quarter, 2);
    expect(angleBetween(half, Float32Array.from([0, 1, 0, 0]))).toBeLessThan(ANGLE_TOLERANCE);
  });
});

describe("lerp", () => {
  test("is exact at its ends", () => {
    fc.assert(
      fc.property(f32, f32, (a, b) => {
        const out = new Float32Array(1);
        lerp(Float32Array.of(a), Float32Array.of(b), 0, out);
        expect(out[0] - a).toBe(0);
        lerp(Float32Array.of(a), Float32Array.of(b), 1, out);
        expect(out[0] - b).toBe(0);
      }),
    );
  });

  test("stays between the two", () => {
    fc.assert(
      fc.property(f32, f32, share, (a, b, t) => {
        const out = new Float32Array(1);
        lerp(Float32Array.of(a), Float32Array.of(b), t, out);
        expect(out[0]).toBeGreaterThanOrEqual(Math.min(a, b));
        expect(out[0]).toBeLessThanOrEqual(Math.max(a, b));
      }),
    );
  });
});

const skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };

function poseAt(x: number, angle: number, weight: number): Pose {
  const pose = createPose(skeleton);
  for (const transforms of [pose.root, pose.bones]) {
    for (let at = 0; at < transforms.length; at += 10) {
      transforms.set([x, 0, 0, 0, Math.sin(angle / 2), 0, Math.cos(angle / 2), 1 + x, 1, 1], at);
    }
  }
  pose.blendShapes[0] = weight;
  pose.timestamp = x;
  return pose;
}

describe("poses", () => {
  test("every part is interpolated", () => {
    const out = interpolatePose(poseAt(0, 0, 0), poseAt(2, 1, 1), 0.5, createPose(skeleton));
    expect(out.root[0]).toBe(1);
    expect(out.bones[10]).toBe(1);
    expect(out.bones[17]).toBe(2);
    expect(out.bones[14]).toBeCloseTo(Math.sin(0.25), 6);
    expect(out.blendShapes[0]).toBe(0.5);
    expect(out.timestamp).toBe(1);
  });

  test("poses of another size are refused, and nothing is written", () => {
    const other = createPose({ boneNames: ["Hips"], blendShapeNames: ["jawOpen", "smile"] });
    const [older, newer] = [poseAt(0, 0, 0), poseAt(2, 1, 1)];
    const before = structuredClone(other);
    const message = "the pose has 2 bones and 1 blend shapes; expected 1 and 2";
    expect(() => interpolatePose(older, newer, 0.5, other)).toThrow(new RangeError(message));
    expect(() => showPose(older, other)).toThrow(new RangeError(message));
    expect(() => copyPose(older, other)).toThrow(new RangeError(message));
    expect(other).toEqual(before);
    expect(() => interpolatePose(other, newer, 0.5, older)).toThrow(RangeError);
    expect(() => interpolatePose(older, other, 0.5, newer)).toThrow(RangeError);
  });

  test("the result may take the place of one of the two", () => {
    const older = poseAt(0, 0, 0);
    interpolatePose(older, poseAt(2, 1, 1), 0.5, older);
    expect(older).toEqual(
      interpolatePose(poseAt(0, 0, 0), poseAt(2, 1, 1), 0.5, createPose(skeleton)),
    );
  });

  test("a pose that is shown alone keeps every bit, but rotations have unit length", () => {
    const pose = poseAt(-0, 0.3, -0);
    pose.bones.set([0, 0, 0, 0], 3);
    pose.bones.set([0, 3, 0, 4], 13);
    const out = showPose(pose, createPose(skeleton));
    expect(Object.is(out.root[0], -0) && Object.is(out.blendShapes[0], -0)).toBe(true);
    expect(out.root).toEqual(pose.root);
    expect([...out.bones.subarray(3, 7)]).toEqual([0, 0, 0, 1]);
    expect([...out.bones.subarray(13, 17)]).toEqual(
      [0, 3, 0, 4].map((each) => Math.fround(each / 5)),
    );
  });

  test("a rotation of f32's unit length is kept to the last bit", () => {
    fc.assert(
      fc.property(quaternion, (q) => {
        const unit = q.map((each) => each / lengthOf(q));
        expect(slerped(unit, unit, 0)).toEqual(unit);
      }),
    );
  });
});
