import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../index.ts";
import { encodeSkeleton } from "./skeleton-message.ts";
import { createStreamSkeleton } from "./stream-skeleton.ts";
import { StreamDecoder } from "./stream-decoder.ts";
import { StreamEncoder } from "./stream-encoder.ts";

const SKELETON = { boneNames: ["Hips"], blendShapeNames: [], rest: new Float32Array(10).fill(1) };

function poseAt(x: number, z: number, headingDegrees: number) {
  const pose = createPose(SKELETON);
  const half = (headingDegrees * Math.PI) / 360;
  pose.root.set([x, 1, z, 0, Math.sin(half), 0, Math.cos(half), 1, 1, 1]);
  return pose;
}

// As f32, without -0.
const anyPlace = fc
  .double({ min: -500, max: 500, noNaN: true })
  .map((metres) => Math.fround(metres) + 0);

describe("[E30a] the root's rest", () => {
  test("is the same for everybody with one body in one room who looks the same way", () => {
    const first = encodeSkeleton(createStreamSkeleton(SKELETON, poseAt(0, 0, 0)));
    fc.assert(
      fc.property(
        anyPlace,
        anyPlace,
        fc.double({ min: -44, max: 44, noNaN: true }),
        fc.integer({ min: -2, max: 2 }),
        (x, z, heading, turns) => {
          const pose = poseAt(x, z, heading + 360 * turns);
          expect(encodeSkeleton(createStreamSkeleton(SKELETON, pose))).toEqual(first);
        },
      ),
    );
  });

  test("is a quarter turn for those who look another way, the nearest", () => {
    const restOf = (degrees: number) =>
      Array.from(createStreamSkeleton(SKELETON, poseAt(0, 0, degrees)).rest.subarray(3, 7));
    const half = Math.fround(Math.SQRT1_2);
    expect(restOf(80)).toEqual([0, half, 0, half]);
    expect(restOf(170)).toEqual([0, 1, 0, 0]);
    expect(restOf(-170)).toEqual([0, 1, 0, 0]);
    expect(restOf(-80)).toEqual([0, half, 0, -half]);
  });

  test("leaves a root as precise as its steps say, wherever the stream begins, and any way to go", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.constantFrom(0.001, 0.02, 0.2),
        (x, heading, errorMetres) => {
          const first = poseAt(x, 0, heading);
          const stream = createStreamSkeleton(SKELETON, first, { errorMetres });
          const [encoder, decoder] = [new StreamEncoder(stream), new StreamDecoder(stream)];
          const shown = createPose(SKELETON);
          for (const meters of [0, 0.25, -0.25]) {
            const pose = poseAt(x + meters, 0, heading + 90 * meters);
            const frame = encoder.encode(pose, { captureTimeUs: null });
            expect(decoder.decode(frame, frame.payload, shown)).toBe("decoded");
            const off = Math.abs(shown.root[0] - pose.root[0]);
            expect(off).toBeLessThanOrEqual(0.71 * stream.positionSteps[0] + Math.abs(x) * 2e-7);
          }
        },
      ),
    );
  });
});
