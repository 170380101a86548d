// What a bone does about where its end should be.
import { expect, test } from "bun:test";
import { createPose } from "../frame.ts";
import { createStreamSkeleton } from "./stream-skeleton.ts";
import { createState } from "./stream-state.ts";
import { TurnQuantizer } from "./turn-quantizer.ts";

// A bone of 0.5 m along y.
const names = { boneNames: ["upper", "lower"], boneParents: [null, "upper"], blendShapeNames: [] };
const rest = createPose(names);
rest.bones[11] = 0.5;
const stream = createStreamSkeleton(names, rest);
const step = stream.rotationSteps[1];

/** The steps about z that the bone is turned by where its decoded position is off by `x` metres along x. */
function aimedSteps(x: number): number {
  const pose = createPose(names);
  pose.bones.set(rest.bones);
  // Not the numbers of the rest, and the same rotation.
  pose.bones[6] = 2;
  pose.bones[0] = -x;
  const state = createState(3, 0);
  new TurnQuantizer(stream).quantize(pose, null, state);
  expect([state.rotations[3], state.rotations[4]]).toEqual([0, 0]);
  return state.rotations[5];
}

test("[E32b] a bone is turned half the way to where its end should be", () => {
  // An angle of a step is half a step of the numbers. Half of 2 steps: the end is off by x / 0.5 m.
  expect(aimedSteps(0)).toBe(0);
  expect(aimedSteps(0.5 * 1.9 * step)).toBe(0);
  expect(aimedSteps(0.5 * 2.1 * step)).toBe(1);
  expect(aimedSteps(-0.5 * 2.1 * step)).toBe(-1);
});

test("[E32b] and by an angle of 1.5 steps at most", () => {
  // 0.75 of the numbers' steps; without the bound it would be tens of them.
  expect(aimedSteps(0.3)).toBe(1);
  expect(aimedSteps(-0.3)).toBe(-1);
});
