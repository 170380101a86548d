// Steps by reach, and what they guarantee.
import { describe, expect, test } from "bun:test";
import { clipPaths, readClipPoses } from "../../../test/clip-poses.ts";
import { createPose, TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import { maxErrors } from "./max-errors.ts";
import { AIM_STEPS_MAX, DEFAULT_PRECISION, rotationErrorOf } from "./precision.ts";
import { reachOf } from "./reach.ts";
import { createStreamSkeleton } from "./stream-skeleton.ts";

/** An arm of the given bone lengths, each bone on the one before, all along x. */
function arm(lengths: readonly number[], names = lengths.map((_, index) => `link ${index}`)) {
  const skeleton: Skeleton = {
    boneNames: names,
    boneParents: names.map((_, index) => (index === 0 ? null : names[index - 1])),
    blendShapeNames: [],
  };
  const pose = createPose(skeleton);
  lengths.forEach((length, index) => (pose.bones[TRANSFORM_FLOATS * index] = length));
  return { skeleton, pose };
}

function errorsOf(skeleton: Skeleton, pose: Pose, errorMetres = DEFAULT_PRECISION.errorMetres) {
  return maxErrors(createStreamSkeleton(skeleton, pose, { errorMetres }));
}

test("[E31] reach is the sum of bone lengths below, however bent, and 3 cm", () => {
  const { skeleton, pose } = arm([1, 0.3, 0.25]);
  pose.bones[2 * TRANSFORM_FLOATS] = -0.25;
  const { metres, movedCounts, boneMetres } = reachOf(
    skeleton,
    createStreamSkeleton(skeleton, pose).rest,
  );
  [1.58, 0.58, 0.28, 0.03].forEach((reach, at) => expect(metres[at]).toBeCloseTo(reach, 6));
  [1, 0.3, 0.25, 0.03].forEach((bone, at) => expect(boneMetres[at]).toBeCloseTo(bone, 6));
  expect([...movedCounts]).toEqual([4, 3, 2, 1]);
});

test("[E31] a bone's rounding moves no point of the body by more than errorMetres", async () => {
  for (const path of clipPaths()) {
    const { skeleton, poses } = await readClipPoses(path);
    for (const errorMetres of [0.002, 0.01, 0.05]) {
      const stream = createStreamSkeleton(skeleton, poses[0], { errorMetres });
      const { metres, unitMetres } = reachOf(skeleton, stream.rest);
      for (let transform = 0; transform < stream.transformCount; transform++) {
        const scales = stream.rest.subarray(
          TRANSFORM_FLOATS * transform + 7,
          TRANSFORM_FLOATS * transform + 10,
        );
        const moved =
          rotationErrorOf(stream.rotationSteps[transform]) * metres[transform] +
          (Math.sqrt(3) / 2) * stream.positionSteps[transform] * unitMetres[transform] +
          (stream.scaleSteps[transform] / 2 / Math.max(...scales)) * metres[transform];
        expect(moved).toBeLessThanOrEqual(errorMetres * 1.0001);
        expect(moved).toBeGreaterThan(errorMetres / 20);
      }
    }
  }
});

test("[E31a] centimetres under a scale of 0.01 are as precise as metres", () => {
  const { skeleton, pose } = arm([1, 0.3, 0.25]);
  const metres = createStreamSkeleton(skeleton, pose);
  const scaled = arm([100, 30, 25]);
  scaled.pose.root.fill(0.01, 7);
  const centimetres = createStreamSkeleton(scaled.skeleton, scaled.pose);
  for (let transform = 0; transform < 4; transform++) {
    const unit = transform === 0 ? 1 : 100;
    const ratio = centimetres.positionSteps[transform] / metres.positionSteps[transform] / unit;
    // Powers of two are up to twice as fine as they need to be.
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
    expect(centimetres.rotationSteps[transform] / metres.rotationSteps[transform]).toBeCloseTo(
      1,
      1,
    );
  }
  const ratio =
    errorsOf(scaled.skeleton, scaled.pose).bodyMetres! / errorsOf(skeleton, pose).bodyMetres!;
  expect(Math.abs(ratio - 1)).toBeLessThan(0.3);
});

describe("[E31b] parents that nobody says", () => {
  const names = ["Hips", "LeftUpperLeg", "LeftLowerLeg", "LeftFoot"];
  const { skeleton, pose } = arm([0.9, 0.1, 0.4, 0.4], names);
  const { boneParents: _, ...nameless } = skeleton;

  test("are told by names", () => {
    const said = createStreamSkeleton(skeleton, pose);
    const named = createStreamSkeleton(nameless, pose);
    expect(named.rotationSteps).toEqual(said.rotationSteps);
    expect(named.positionSteps).toEqual(said.positionSteps);
    expect(maxErrors(named).bodyMetres).toBe(maxErrors(said).bodyMetres);
  });

  test("are unknown for unknown names: every bone reaches 1 m", () => {
    const boneNames = ["a1", "b2", "c3", "d4"];
    const stream = createStreamSkeleton({ ...nameless, boneNames }, pose);
    expect(new Set(stream.rotationSteps.subarray(1)).size).toBe(1);
    expect(new Set(stream.positionSteps).size).toBe(1);
    expect(maxErrors(stream).bodyMetres).toBeNull();
  });
});

test("[E9] [E35] the guarantee of a body is the sum of what its chain may do", () => {
  const { skeleton, pose } = arm([1, 0.3, 0.25]);
  const stream = createStreamSkeleton(skeleton, pose);
  const [root, upper, lower, hand] = Array.from(
    stream.rotationSteps,
    (step) => rotationErrorOf(step) + AIM_STEPS_MAX * step,
  );
  const positions = stream.positionSteps.reduce((sum, step) => sum + (Math.sqrt(3) / 2) * step, 0);
  const scales = stream.scaleSteps.map((step) => step / 2);
  const stretched = (at: number) => scales.slice(0, at + 1).reduce((sum, each) => sum + each, 0);
  const rotations =
    root * 1 + Math.max(root, upper) * 0.3 + Math.max(root, upper, lower) * 0.25 + hand * 0.03;
  const stretches =
    stretched(0) * 1 + stretched(1) * 0.3 + stretched(2) * 0.25 + stretched(3) * 0.03;
  const errors = maxErrors(stream);
  expect(errors.bodyMetres).toBeCloseTo(positions + rotations + stretches, 5);
  expect(errors.rotationDegrees[0]).toBeCloseTo((root * 180) / Math.PI, 6);
  expect(errors.rotationDegrees[1]).toBeCloseTo(((root + upper) * 180) / Math.PI, 5);
});
