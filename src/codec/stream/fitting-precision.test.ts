import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../frame.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import { createStreamSkeleton, isTooCoarse, weightScaleOf } from "./stream-skeleton.ts";

const body = { boneNames: ["A", "B"], boneParents: [null, "A"], blendShapeNames: ["jawOpen"] };

describe("[5] the precision", () => {
  test("a wild number makes a stream too coarse for what comes after it", () => {
    const skeleton = { ...body, rest: createPose(body).bones };
    const pose = createPose(skeleton);
    const ordinary = createStreamSkeleton(skeleton, pose);
    expect(isTooCoarse(ordinary, skeleton, pose)).toBe(false);
    const wild = createPose(skeleton);
    wild.bones[10] = 1e6;
    const coarse = createStreamSkeleton(skeleton, wild);
    expect(isTooCoarse(coarse, skeleton, wild)).toBe(false);
    expect(isTooCoarse(coarse, skeleton, pose)).toBe(true);
    const loud = createStreamSkeleton(skeleton, pose, { weightScale: 100 });
    expect(isTooCoarse(loud, skeleton, pose)).toBe(true);
  });

  test("survives parents that are a circle", () => {
    const pose = createPose(body);
    const circle = { ...body, boneParents: ["B", "A"] };
    expect(createStreamSkeleton(circle, pose).transformCount).toBe(3);
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
          const stream = createStreamSkeleton(skeleton, pose, { weightScale: weightScaleOf(pose) });
          new StreamEncoder(stream).encode(pose, { captureTimeUs: null });
        },
      ),
    );
  });
});
