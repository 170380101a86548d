import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import scaled from "../../../test/inputs/05-armature-scale-100.frame.json";
import { createPose } from "../frame.ts";
import { completeFrame } from "../complete-frame.ts";
import { poseOf, skeletonOf } from "../frame.ts";
import { fittingPrecision } from "./fitting-precision.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import { createStreamSkeleton, DEFAULT_PRECISION } from "./stream-skeleton.ts";

const body = { boneNames: ["A", "B"], boneParents: [null, "A"], blendShapeNames: ["jawOpen"] };

describe("[5] the precision", () => {
  test("is the default one for an ordinary body, whatever its size", () => {
    const pose = createPose(body);
    expect(fittingPrecision(body, pose)).toEqual(DEFAULT_PRECISION);
    pose.root.set([2, 2, 2], 7);
    pose.blendShapes[0] = 128;
    expect(fittingPrecision(body, pose)).toEqual(DEFAULT_PRECISION);
  });

  test("follows the unit of the bones: the scales of all that is above them", () => {
    const frame = completeFrame(scaled);
    const skeleton = skeletonOf(frame);
    const pose = poseOf(frame, createPose(skeleton));
    expect(fittingPrecision(skeleton, pose).positionStep).toBeCloseTo(0.002 / 100, 9);
    // Parents that are not sent, or are all null, may be any.
    const { boneParents: _, ...withoutParents } = skeleton;
    expect(fittingPrecision(withoutParents, pose).positionStep).toBeCloseTo(0.002 / 100, 9);
    // The same rig in centimetres, under a root of 0.01.
    pose.root.set([0.01, 0.01, 0.01], 7);
    expect(fittingPrecision(skeleton, pose)).toEqual(DEFAULT_PRECISION);
  });

  test("survives parents that are a circle", () => {
    const pose = createPose(body);
    expect(fittingPrecision({ ...body, boneParents: ["B", "A"] }, pose)).toEqual(DEFAULT_PRECISION);
  });

  test("holds any pose within 1e11", () => {
    const number = fc.double({ min: -1e11, max: 1e11, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 7, maxLength: 7 }),
        ([x, y, z, a, b, c, weight]) => {
          const skeleton = { ...body, rest: createPose(body).bones };
          const pose = createPose(skeleton);
          pose.bones.set([x, y, z], 10);
          pose.bones.set([a, b, c], 17);
          pose.blendShapes[0] = weight;
          const stream = createStreamSkeleton(skeleton, pose, fittingPrecision(skeleton, pose));
          new StreamEncoder(stream).encode(pose, { captureTimeUs: null });
        },
      ),
    );
  });
});
