import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../codec/index.ts";
import type { Pose } from "../codec/index.ts";
import { dampedAheadMs, EXTRAPOLATION_MAX_MS, extrapolatePose, SETTLED_MS } from "./extrapolate.ts";

const skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };

function poseAt(x: number, angle: number, weight = 0): Pose {
  const pose = createPose(skeleton);
  for (const transforms of [pose.root, pose.bones]) {
    for (let at = 0; at < transforms.length; at += 10) {
      transforms.set([x, 0, 0, 0, Math.sin(angle / 2), 0, Math.cos(angle / 2), 1 + x, 1, 1], at);
    }
  }
  pose.blendShapes[0] = weight;
  return pose;
}

/** The head's x and angle, moved on by `aheadMs`. Steps take 100 ms each. */
function ahead(aheadMs: number, oldest: Pose, older: Pose, newest: Pose) {
  const steps = { oldest, older, newest, olderStepMs: 100, newestStepMs: 100 };
  const { bones } = extrapolatePose(steps, aheadMs, createPose(skeleton));
  return { x: bones[10], angle: 2 * Math.atan2(bones[14], bones[16]) };
}

describe("the pose after the newest", () => {
  test("continues even motion, but neither scales nor weights", () => {
    const [oldest, older, newest] = [poseAt(0, 0), poseAt(1, 0.2), poseAt(2, 0.4, 0.9)];
    expect(ahead(50, oldest, older, newest).x).toBeCloseTo(2.5, 6);
    expect(ahead(50, oldest, older, newest).angle).toBeCloseTo(0.5, 2);
    const steps = { oldest, older, newest, olderStepMs: 100, newestStepMs: 100 };
    const out = extrapolatePose(steps, 50, createPose(skeleton));
    expect([out.bones[7], out.blendShapes[0]]).toEqual([3, Math.fround(0.9)]);
  });

  test("[1] is no faster than the slower of the last two steps", () => {
    const started = ahead(50, poseAt(0, 0), poseAt(0.1, 0.01), poseAt(10.1, 1.01));
    expect(started.x).toBeCloseTo(10.15, 5);
    expect(started.angle).toBeCloseTo(1.015, 2);
    const slowed = ahead(50, poseAt(0, 0), poseAt(10, 1), poseAt(10.1, 1.01));
    expect(slowed.x).toBeCloseTo(10.15, 5);
    expect(slowed.angle).toBeCloseTo(1.015, 2);
  });

  test("[1] is the newest where motion has just begun, ended or turned round", () => {
    for (const x of [0, 5, -5]) {
      expect(ahead(50, poseAt(0, 0), poseAt(0, 0), poseAt(x, x / 10)).x).toBe(x);
    }
    expect(ahead(50, poseAt(0, 0), poseAt(5, 1), poseAt(5, 1)).x).toBe(5);
    const turned = ahead(50, poseAt(0, 0), poseAt(5, 1), poseAt(3, 0.5));
    expect([turned.x, turned.angle]).toEqual([3, expect.closeTo(0.5, 6)]);
  });

  test("[1] stays within the steps' speed, whatever the three are", () => {
    const x = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(x, x, x, (oldest, older, newest) => {
        const at = ahead(40, poseAt(oldest, 0), poseAt(older, 0), poseAt(newest, 0)).x;
        const speed = Math.min(Math.abs(newest - older), Math.abs(older - oldest)) / 100;
        expect(Math.abs(at - newest)).toBeLessThanOrEqual(speed * 40 + 1e-4);
      }),
    );
  });

  test("takes steps of different length for what they are", () => {
    const steps = {
      oldest: poseAt(0, 0),
      older: poseAt(1, 0),
      newest: poseAt(1.5, 0),
      olderStepMs: 100,
      newestStepMs: 50,
    };
    expect(extrapolatePose(steps, 50, createPose(skeleton)).root[0]).toBeCloseTo(2, 6);
  });

  test("may take the place of the newest; poses of another size are refused", () => {
    const [oldest, older, newest] = [poseAt(0, 0), poseAt(1, 0), poseAt(2, 0)];
    const steps = { oldest, older, newest, olderStepMs: 100, newestStepMs: 100 };
    extrapolatePose(steps, 100, newest);
    expect(newest.bones[10]).toBe(3);
    const other = createPose({ boneNames: ["Hips"], blendShapeNames: [] });
    expect(() => extrapolatePose(steps, 100, other)).toThrow(RangeError);
  });
});

test("[1] motion ahead begins at full speed, slows down, and is back at the newest pose after 240 ms", () => {
  expect(dampedAheadMs(-5)).toBe(0);
  expect(dampedAheadMs(1)).toBeCloseTo(1, 1);
  expect(dampedAheadMs(EXTRAPOLATION_MAX_MS)).toBe(EXTRAPOLATION_MAX_MS / 2);
  expect(dampedAheadMs(SETTLED_MS)).toBe(0);
  expect(dampedAheadMs(1e9)).toBe(0);
  for (let ms = 0; ms < SETTLED_MS; ms++) {
    const moved = dampedAheadMs(ms + 1) - dampedAheadMs(ms);
    // Never faster than the motion itself, and back at less than half of its speed.
    expect(moved).toBeLessThanOrEqual(1);
    expect(moved).toBeGreaterThan(-0.4);
  }
});
