// What our encoder chooses: how a rotation's numbers are rounded, and what is made up for further down.
import { describe, expect, test } from "bun:test";
import { createPose } from "../frame.ts";
import type { Skeleton } from "../frame.ts";
import { StreamDecoder } from "./stream-decoder.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import { createStreamSkeleton } from "./stream-skeleton.ts";

/** A body without bones that turns about x by given numbers of steps, and the steps that are sent. */
class Top {
  readonly #skeleton: Skeleton = { boneNames: [], blendShapeNames: [] };
  readonly #pose = createPose(this.#skeleton);
  readonly #stream = createStreamSkeleton(this.#skeleton, this.#pose);
  readonly #encoder = new StreamEncoder(this.#stream);
  readonly #decoder = new StreamDecoder(this.#stream);

  turn(steps: number, forceKey = false): number {
    // The number of a turn is 2 sin(angle / 4).
    const half = 2 * Math.asin((steps * this.#stream.rotationSteps[0]) / 2);
    this.#pose.root.set([Math.sin(half), 0, 0, Math.cos(half)], 3);
    const out = createPose(this.#skeleton);
    const frame = this.#encoder.encode(this.#pose, { captureTimeUs: null, forceKey });
    this.#decoder.decode(frame, frame.payload, out);
    const angle = 2 * Math.asin(out.root[3]);
    return (2 * Math.sin(angle / 4)) / this.#stream.rotationSteps[0];
  }
}

describe("[E34] a rotation's number", () => {
  test("is rounded to the nearest integer in a stream's first frame", () => {
    for (const [steps, sent] of [
      [0.48, 0],
      [0.52, 1],
      [-2.48, -2],
      [-2.52, -3],
    ]) {
      expect(new Top().turn(steps)).toBeCloseTo(sent, 3);
    }
  });

  test("is rounded in a later keyframe as if it were none", () => {
    for (const [steps, sent] of [
      [0.69, 0],
      [0.71, 1],
    ]) {
      const top = new Top();
      top.turn(0);
      expect(top.turn(steps, true)).toBeCloseTo(sent, 3);
    }
  });

  test("stays where it is up to 0.7 of a step away, if it did not move before", () => {
    for (const [steps, sent] of [
      [0.69, 0],
      [0.71, 1],
      [-0.69, 0],
      [1.69, 1],
      [1.71, 2],
    ]) {
      const top = new Top();
      top.turn(0);
      expect(top.turn(steps)).toBeCloseTo(sent, 3);
    }
  });

  test("keeps to its prediction up to 0.6 of a step away, if it moved", () => {
    for (const [steps, sent] of [
      [14.58, 14],
      [14.62, 15],
      [13.42, 14],
      [13.38, 13],
    ]) {
      const top = new Top();
      for (const each of [0, 0, 0, 0, 10, 10, 10, 10]) top.turn(each);
      // 10 in the last layer-0 frame, 0 in the one before: 10 + (26 * 10 + 32 >> 6).
      expect(top.turn(steps)).toBeCloseTo(sent, 3);
    }
  });
});

describe("a bone at rest", () => {
  const skeleton: Skeleton = {
    boneNames: ["upper", "middle", "lower"],
    boneParents: [null, "upper", "middle"],
    blendShapeNames: [],
  };
  const rest = createPose(skeleton).bones;
  for (const at of [11, 21]) rest[at] = 0.3;

  test("[E32a] stays at rest, and what is carried goes to the bone below", () => {
    const pose = createPose(skeleton);
    pose.bones.set(rest);
    const stream = createStreamSkeleton({ ...skeleton, rest }, pose, { errorMetres: 0.05 });
    const [encoder, decoder] = [new StreamEncoder(stream), new StreamDecoder(stream)];
    const out = createPose(skeleton);
    let worst = 0;
    for (let index = 0; index < 100; index++) {
      // All turn about x: angles add up.
      const angles = [0.3 * Math.sin(index / 5), 0, 0.2 * Math.cos(index / 7)];
      angles.forEach((angle, bone) => {
        pose.bones.set([Math.sin(angle / 2), 0, 0, Math.cos(angle / 2)], 10 * bone + 3);
      });
      const frame = encoder.encode(pose, { captureTimeUs: null });
      decoder.decode(frame, frame.payload, out);
      expect([...out.bones.subarray(13, 17)]).toEqual([0, 0, 0, 1]);
      const shown = 2 * (Math.asin(out.bones[3]) + Math.asin(out.bones[23]));
      const error = Math.abs(shown - angles[0] - angles[2]);
      // 0.7 of its own step is twice that as an angle; the upper bone's error is not in it.
      expect(error).toBeLessThan(1.41 * stream.rotationSteps[3]);
      worst = Math.max(worst, Math.abs(2 * Math.asin(out.bones[3]) - angles[0]));
    }
    expect(worst).toBeGreaterThan(0.5 * stream.rotationSteps[1]);
  });
});
