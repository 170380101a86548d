// Where one stream ends and the next begins.
import { describe, expect, test } from "bun:test";
import { createPose, TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { decodeSkeleton, StreamDecoder } from "../codec/stream/index.ts";
import { SKELETON_HEADER_BYTES } from "./data.ts";
import { createFrameHeader, FRAME_HEADER_BYTES, readFrameHeader } from "./frame-header.ts";
import { StreamPublication } from "./stream-publication.ts";

const BODY: Skeleton = {
  boneNames: ["Hips", "Head"],
  boneParents: [null, "Hips"],
  blendShapeNames: ["jawOpen"],
};
/** Three seconds at 30 Hz. */
const LATER = 90;

describe("[5] [E36a] one wild number", () => {
  test("does not leave a face without expression", () => {
    const pose = createPose(BODY);
    const receiver = new Receiver();
    for (const weight of [0.5, 1e9]) receiver.take(BODY, changed(pose, { weight }));
    const shown = receiver.after(LATER, BODY, changed(pose, { weight: 0.5 }));
    expect(shown.blendShapes[0]).toBeCloseTo(0.5, 2);
  });

  test("does not leave a body in steps of metres", () => {
    const skeleton = { ...BODY, rest: createPose(BODY).bones };
    const pose = createPose(skeleton);
    const receiver = new Receiver();
    receiver.take(skeleton, changed(pose, { x: 1e6 }));
    const shown = receiver.after(LATER, skeleton, changed(pose, { x: 0.27 }));
    expect(shown.bones[0]).toBeCloseTo(0.27, 2);
  });

  test("that comes again and again begins two streams in 64 frames at most", () => {
    const pose = createPose(BODY);
    const receiver = new Receiver();
    for (let frame = 0; frame < 640; frame++) {
      receiver.take(BODY, changed(pose, { weight: frame % 3 === 0 ? 1e9 : 0.5 }));
    }
    expect(receiver.streams).toBeLessThanOrEqual(21);
  });

  test("that is an ordinary one of its sender begins no further stream", () => {
    const pose = createPose(BODY);
    const receiver = new Receiver();
    // Of 0 to 100, with a peak now and then.
    for (let frame = 0; frame < 640; frame++) {
      receiver.take(BODY, changed(pose, { weight: frame % 10 === 0 ? 150 : 1.4 }));
    }
    expect(receiver.streams).toBe(1);
  });
});

test("[5] an armature whose scale comes after the first pose moves in millimetres", () => {
  const pose = createPose(BODY);
  const receiver = new Receiver();
  receiver.take(BODY, pose);
  pose.bones.set([100, 100, 100], 7);
  receiver.after(LATER, BODY, pose);
  const at = TRANSFORM_FLOATS;
  for (let frame = 0; frame < 24; frame++) {
    pose.bones[at] = 0.0001 * frame;
    expect(Math.abs(receiver.take(BODY, pose).bones[at] - pose.bones[at]) * 100).toBeLessThan(
      0.002,
    );
  }
  expect(receiver.streams).toBe(2);
});

test("[E36] a number out of range begins a stream whose steps hold it twice", () => {
  const skeleton = { ...BODY, rest: createPose(BODY).bones };
  const pose = createPose(skeleton);
  const publication = new StreamPublication();
  const opened = () => {
    publication.encode(skeleton, pose, { captureTimeUs: null });
    return decodeSkeleton(publication.opening!.subarray(SKELETON_HEADER_BYTES));
  };
  opened();
  changed(pose, { weight: 40 });
  const loud = opened();
  expect((loud.weightScale * 1023) / 255).toBeCloseTo(80, 3);
  changed(pose, { weight: 0, x: 90_000 });
  const far = opened();
  // A step is rounded towards 0, by less than 1 %.
  expect(far.positionSteps[1] * 2 ** 19).toBeGreaterThan(2 * 90_000 * 0.99);
  expect(far.positionSteps[1] * 2 ** 19).toBeLessThanOrEqual(2 * 90_000);
  expect(far.positionSteps[2]).toBe(loud.positionSteps[2]);
});

test("[E31] a publisher's errorMetres gives the steps, also of a stream that begins again", () => {
  const pose = createPose(BODY);
  const stepsOf = (errorMetres?: number) => {
    const publication = new StreamPublication({ errorMetres });
    const begin = () => {
      publication.encode(BODY, pose, { captureTimeUs: null });
      const { opening } = publication;
      if (opening === undefined) throw new Error("the stream continues");
      return decodeSkeleton(opening.subarray(SKELETON_HEADER_BYTES)).rotationSteps;
    };
    const first = begin();
    publication.restart();
    expect(begin()).toEqual(first);
    return first;
  };
  expect(stepsOf(0.02)).toEqual(stepsOf());
  const [fine, usual] = [stepsOf(0.002), stepsOf()];
  fine.forEach((step, transform) => {
    // Large turns are off by a little more than their step says, and steps are rounded towards 0.
    expect(usual[transform] / step).toBeWithin(9, 10.5);
  });
});

/** What a publisher's messages show. */
class Receiver {
  streams = 0;
  readonly #publication = new StreamPublication();
  #decoder: StreamDecoder | undefined;

  /** Publishes a pose and returns what is shown of it. */
  take(skeleton: Skeleton, pose: Pose): Pose {
    const message = this.#publication.encode(skeleton, pose, { captureTimeUs: null });
    const { opening } = this.#publication;
    if (opening !== undefined) {
      this.streams++;
      this.#decoder = new StreamDecoder(decodeSkeleton(opening.subarray(SKELETON_HEADER_BYTES)));
    }
    const header = createFrameHeader();
    const shown = createPose(skeleton);
    readFrameHeader(message, 0, header);
    const result = this.#decoder!.decode(header, message.subarray(FRAME_HEADER_BYTES), shown);
    expect(result).toBe("decoded");
    return shown;
  }

  /** Publishes the same pose in each of `frames` frames. */
  after(frames: number, skeleton: Skeleton, pose: Pose): Pose {
    for (let frame = 1; frame < frames; frame++) this.take(skeleton, pose);
    return this.take(skeleton, pose);
  }
}

function changed(pose: Pose, { weight = 0, x = 0 }: { weight?: number; x?: number }): Pose {
  pose.blendShapes[0] = weight;
  pose.bones[0] = x;
  return pose;
}
