import { expect, test } from "bun:test";
import { createPose } from "../frame.ts";
import {
  boneTree,
  createMatrices,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "./forward-kinematics.ts";

test("bones come after their parents, in whatever order they are listed", () => {
  const { order } = boneTree([2, -1, 1]);
  expect([...order]).toEqual([1, 2, 0]);
});

test("a circle of parents is cut, and ends", () => {
  const { parents, order } = boneTree([1, 2, 0, 3]);
  expect([...order].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  expect([...parents].filter((parent) => parent < 0)).toHaveLength(2);
});

test("position, rotation and scale of all above a bone put it where it is", () => {
  const pose = createPose({ boneNames: ["hips", "hand"], blendShapeNames: [] });
  const half = Math.SQRT1_2;
  // A quarter turn about y takes +x to -z; the hips are a hundredth in size.
  pose.root.set([10, 0, 0, 0, half, 0, half, 1, 1, 1]);
  pose.bones.set([0, 1, 0, 0, 0, 0, 1, 0.01, 0.01, 0.01]);
  pose.bones.set([50, 20, 0, 0, 0, 0, 1, 1, 1, 1], 10);
  const matrices = createMatrices(2);
  worldMatrices(pose, boneTree([-1, 0]), matrices);
  const at = matrixAt(1) + POSITION_AT;
  const [x, y, z] = matrices.subarray(at, at + 3);
  expect(x).toBeCloseTo(10, 5);
  expect(y).toBeCloseTo(1.2, 5);
  expect(z).toBeCloseTo(-0.5, 5);
});
