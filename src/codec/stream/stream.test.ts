// Encoder and decoder together: errors within their bounds, layers that may be dropped, newcomers.
import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clipPaths, noteMissingClips, readClipPoses } from "../../../test/clip-poses.ts";
import type { ClipPoses } from "../../../test/clip-poses.ts";
import { Random } from "../../../test/random.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import { createPose } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import { boneTree, createMatrices, matrixAt, worldMatrices } from "../rig/forward-kinematics.ts";
import { maxErrors } from "./max-errors.ts";
import { layerOf } from "./references.ts";
import { StreamDecoder } from "./stream-decoder.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import type { EncodedStreamFrame } from "./stream-encoder.ts";
import {
  createStreamSkeleton,
  OFFSET_STEPS_MAX,
  restPoseOf,
  weightScaleOf,
} from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

noteMissingClips();
const clips = await Promise.all(clipPaths().map(readClipPoses));

const HEADER_BYTES = 6;

function encodeAll(encoder: StreamEncoder, clip: ClipPoses): EncodedStreamFrame[] {
  return clip.poses.map((pose, index) => {
    const frame = encoder.encode(pose, { captureTimeUs: clip.timesUs[index] });
    return { ...frame, payload: frame.payload.slice() };
  });
}

function skeletonOfClip({ skeleton, poses }: ClipPoses): StreamSkeleton {
  return createStreamSkeleton(skeleton, poses[0]);
}

function words(pose: Pose): string {
  return [pose.root, pose.bones, pose.blendShapes]
    .map((values) => new Uint8Array(values.buffer).toHex())
    .join(" ");
}

/** A decoder's poses, null for a frame whose reference is unknown. */
function decodeAll(
  decoder: StreamDecoder,
  frames: readonly EncodedStreamFrame[],
): (string | null)[] {
  const pose = createPose(decoder.skeleton.skeleton);
  return frames.map((frame) =>
    decoder.decode(frame, frame.payload, pose) === "decoded" ? words(pose) : null,
  );
}

/** Checks each number of `out` against the guaranteed errors. */
function expectWithin(skeleton: StreamSkeleton, pose: Pose, out: Pose): void {
  const errors = maxErrors(skeleton);
  // Half the last place of the f32 that carries the number.
  const allowed = (bound: number, value: number): number => bound + Math.abs(value) * 2 ** -23;
  const transform = (from: Float32Array, to: Float32Array, at: number, index: number): void => {
    for (let axis = 0; axis < 3; axis++) {
      const position = from[at + axis];
      const scale = from[at + 7 + axis];
      const positionError = Math.abs(to[at + axis] - position);
      if (positionError > allowed(errors.position[index], position)) throw new Error(`${at}`);
      const scaleError = Math.abs(to[at + 7 + axis] - scale);
      if (scaleError > allowed(errors.scale[index], scale)) throw new Error(`${at}`);
    }
    const length = Math.hypot(from[at + 3], from[at + 4], from[at + 5], from[at + 6]);
    if (length === 0) return;
    const chord = (sign: number): number =>
      Math.hypot(...[3, 4, 5, 6].map((axis) => from[at + axis] / length - sign * to[at + axis]));
    const degrees = (4 * Math.asin(Math.min(chord(1), chord(-1)) / 2) * 180) / Math.PI;
    if (degrees > errors.rotationDegrees[index] + 2e-5)
      throw new Error(`${degrees} degrees at ${at}`);
  };
  transform(pose.root, out.root, 0, 0);
  for (let at = 0; at < pose.bones.length; at += 10) {
    transform(pose.bones, out.bones, at, at / 10 + 1);
  }
  pose.blendShapes.forEach((weight, index) => {
    const error = Math.abs(out.blendShapes[index] - weight);
    if (error > allowed(errors.weight, weight)) throw new Error(`${error} of weight ${index}`);
    if (weight === 0 && out.blendShapes[index] !== 0) throw new Error(`weight ${index} is not 0`);
  });
}

/** A skeleton and a random walk of poses: bones that rest, drift, jump, and change their scale. */
function randomClip(
  random: Random,
  boneCount: number,
  shapeCount: number,
  count: number,
): ClipPoses {
  const skeleton: Skeleton = {
    boneNames: Array.from({ length: boneCount }, (_, index) => `bone${index}`),
    blendShapeNames: Array.from({ length: shapeCount }, (_, index) => `shape${index}`),
  };
  const speeds = Array.from({ length: boneCount + 1 }, () => 2 ** -random.below(14));
  const movesOffset = Array.from({ length: boneCount + 1 }, () => random.chance(0.2));
  const pose = createPose(skeleton);
  const randomize = (values: Float32Array, at: number): void => {
    for (let axis = 0; axis < 10; axis++) values[at + axis] = random.between(-1, 1);
  };
  randomize(pose.root, 0);
  for (let at = 0; at < pose.bones.length; at += 10) randomize(pose.bones, at);
  const poses: Pose[] = [];
  for (let index = 0; index < count; index++) {
    const walk = (values: Float32Array, at: number, transform: number): void => {
      const jump = random.chance(0.02) ? 1 : speeds[transform];
      for (let axis = 3; axis < 7; axis++) values[at + axis] += random.between(-jump, jump);
      if (!movesOffset[transform] || random.chance(0.3)) return;
      for (const axis of [0, 1, 2, 7, 8, 9]) values[at + axis] += random.between(-jump, jump);
    };
    walk(pose.root, 0, 0);
    for (let bone = 0; bone < boneCount; bone++) walk(pose.bones, 10 * bone, bone + 1);
    for (let shape = 0; shape < shapeCount; shape++) {
      const weight = pose.blendShapes[shape] + random.between(-0.1, 0.1);
      pose.blendShapes[shape] = random.chance(0.2) ? 0 : Math.min(1, Math.max(0, weight));
    }
    poses.push({
      ...pose,
      root: pose.root.slice(),
      bones: pose.bones.slice(),
      blendShapes: pose.blendShapes.slice(),
    });
  }
  return { name: "random", skeleton, poses, timesUs: poses.map((_, index) => index * 33_333) };
}

describe("round trip", () => {
  for (const clip of clips) {
    test(`${clip.name}: every frame is within the guaranteed errors`, () => {
      const skeleton = skeletonOfClip(clip);
      const decoder = new StreamDecoder(skeleton);
      const out = createPose(clip.skeleton);
      encodeAll(new StreamEncoder(skeleton), clip).forEach((frame, index) => {
        expect(decoder.decode(frame, frame.payload, out)).toBe("decoded");
        expectWithin(skeleton, clip.poses[index], out);
      });
    });
  }

  test("any skeleton, any motion, any precision is within the guaranteed errors", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(40),
        fc.nat(30),
        fc.constantFrom(0.001, 0.01, 0.3),
        fc.constantFrom(1, 100, 0.5),
        (seed, boneCount, shapeCount, errorMetres, weightScale) => {
          const clip = randomClip(new Random(seed), boneCount, shapeCount, 30);
          const skeleton = createStreamSkeleton(clip.skeleton, clip.poses[0], {
            errorMetres,
            weightScale,
          });
          const decoder = new StreamDecoder(skeleton);
          const out = createPose(clip.skeleton);
          encodeAll(new StreamEncoder(skeleton), clip).forEach((frame, index) => {
            expect(decoder.decode(frame, frame.payload, out)).toBe("decoded");
            expectWithin(skeleton, clip.poses[index], out);
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  test("[E10] what stays at rest is exact to the bit, -0 too; so is what comes back", () => {
    const clip = randomClip(new Random(3), 20, 8, 40);
    const rest = clip.poses[0];
    rest.bones[0] = -0;
    const skeleton = createStreamSkeleton(clip.skeleton, rest);
    const encoder = new StreamEncoder(skeleton);
    const decoder = new StreamDecoder(skeleton);
    const out = createPose(clip.skeleton);
    for (const pose of [...clip.poses, rest, rest]) {
      const frame = encoder.encode(pose, { captureTimeUs: null });
      decoder.decode(frame, frame.payload, out);
    }
    const offsets = (values: Float32Array): number[] =>
      Array.from(values).filter((_, index) => index % 10 < 3 || index % 10 > 6);
    expect(offsets(out.bones)).toStrictEqual(offsets(rest.bones));
    expect(Object.is(out.bones[0], -0)).toBe(true);
    expect(offsets(restPoseOf(skeleton).bones)).toStrictEqual(offsets(rest.bones));
  });

  test("[E5a] [E10] a number that is not finite or too far is refused by its path, and the stream continues", () => {
    const clip = randomClip(new Random(5), 3, 2, 12);
    const skeleton = createStreamSkeleton(clip.skeleton, clip.poses[0]);
    const encoder = new StreamEncoder(skeleton);
    const decoder = new StreamDecoder(skeleton);
    const out = createPose(clip.skeleton);
    const bad: [keyof Pose, number, number, string, string][] = [
      ["root", 1, Number.NaN, "not_finite", "$.rootTransform.worldPosition"],
      ["bones", 14, Number.POSITIVE_INFINITY, "not_finite", "$.bones[1].localRotation"],
      ["bones", 27, 5000, "out_of_range", "$.bones[2].localScale"],
      ["bones", 2, -3000, "out_of_range", "$.bones[0].localPosition"],
      ["blendShapes", 1, -200, "out_of_range", "$.blendShapes[1].weight"],
    ];
    clip.poses.forEach((pose, index) => {
      for (const [list, at, value, code, path] of bad) {
        const values = pose[list] as Float32Array;
        const good = values[at];
        values[at] = value;
        let error: unknown;
        try {
          encoder.encode(pose, { captureTimeUs: null });
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(EncodeError);
        expect(error).toMatchObject({ code, path });
        values[at] = good;
      }
      const frame = encoder.encode(pose, { captureTimeUs: null });
      expect(frame.number).toBe(index);
      expect(decoder.decode(frame, frame.payload, out)).toBe("decoded");
      expectWithin(skeleton, pose, out);
    });
  });

  test("[E11b] a weight that four of the largest scale do not hold is refused by every stream", () => {
    const skeleton: Skeleton = { boneNames: [], blendShapeNames: ["jawOpen"] };
    const pose = createPose(skeleton);
    const encode = (weight: number): Pose => {
      pose.blendShapes[0] = weight;
      const weightScale = weightScaleOf(pose);
      const stream = createStreamSkeleton(skeleton, pose, { weightScale });
      const out = createPose(skeleton);
      const frame = new StreamEncoder(stream).encode(pose, { captureTimeUs: null });
      new StreamDecoder(stream).decode(frame, frame.payload, out);
      return out;
    };
    expect(encode(3.2e38).blendShapes[0] / 3.2e38).toBeCloseTo(1, 2);
    expect(encode(-3.2e38).blendShapes[0] / -3.2e38).toBeCloseTo(1, 2);
    expect(() => encode(3.3e38)).toThrow(EncodeError);
  });

  test("a pose of another size is refused with both counts, and the stream continues", () => {
    const skeleton: Skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: [] };
    const encoder = new StreamEncoder(createStreamSkeleton(skeleton, createPose(skeleton)));
    const other = createPose({ ...skeleton, boneNames: ["Hips"] });
    expect(() => encoder.encode(other, { captureTimeUs: 0 })).toThrow(
      new RangeError("the pose has 1 bones and 0 blend shapes; expected 2 and 0"),
    );
    expect(encoder.encode(createPose(skeleton), { captureTimeUs: 0 })).toMatchObject({
      isKey: true,
      number: 0,
    });
  });

  test("[E18] what swings from one end of its range to the other decodes, at any frame of a group", () => {
    const random = new Random(17);
    for (const boneCount of [1, 2, 40]) {
      const { skeleton, poses } = randomClip(random, boneCount, 3, 200);
      const stream = createStreamSkeleton(skeleton, createPose(skeleton));
      const [encoder, decoder] = [new StreamEncoder(stream), new StreamDecoder(stream)];
      const out = createPose(skeleton);
      for (const [index, pose] of poses.entries()) {
        // A whole group at one end and the next at the other; then at any end, and in between.
        const isGroups = index < 100;
        const end = () => (isGroups ? ((index >> 2) & 1) * 2 - 1 : random.below(3) - 1);
        for (let at = 0; at < pose.bones.length; at += 10) {
          for (const axis of [0, 1, 2, 7, 8, 9]) {
            const steps = axis < 7 ? stream.positionSteps : stream.scaleSteps;
            const reach = OFFSET_STEPS_MAX * steps[at / 10 + 1];
            pose.bones[at + axis] = (axis < 7 ? 0 : 1) + end() * reach;
          }
        }
        pose.blendShapes.forEach((_, shape) => (pose.blendShapes[shape] = end() * 4));
        const frame = encoder.encode(pose, { captureTimeUs: null });
        expect(decoder.decode(frame, frame.payload, out)).toBe("decoded");
        expectWithin(stream, pose, out);
      }
    }
  });
});

test("[E26] the root comes first: a body that moves otherwise begins with the same bytes", () => {
  const clip = clips[0];
  const skeleton = skeletonOfClip(clip);
  for (const isKey of [false, true]) {
    const [one, other] = [new StreamEncoder(skeleton), new StreamEncoder(skeleton)];
    for (const index of [0, 1, 2, 3]) {
      one.encode(clip.poses[index], { captureTimeUs: null });
      other.encode(clip.poses[index], { captureTimeUs: null });
    }
    const pose = clip.poses[4];
    const bones = pose.bones.map((value, at) => value + 0.3 * Math.sin(at));
    // Far away, so that the root takes some bytes.
    const root = pose.root.map((value, at) => (at < 3 ? value + 90 : value));
    const options = { captureTimeUs: null, forceKey: isKey };
    const first = one.encode({ ...pose, root }, options).payload.toHex();
    const second = other.encode({ ...pose, root, bones }, options).payload.toHex();
    const same = Array.from(first).findIndex((digit, at) => digit !== second[at]);
    expect(same).toBeGreaterThan(8);
    expect(first.length).toBeGreaterThan(2 * same);
  }
});

test("[E32] [E32b] what is carried keeps a hand's direction: its error is its own, not the sum of an arm's", () => {
  const boneNames = Array.from({ length: 9 }, (_, index) => `link ${index}`);
  const boneParents = boneNames.map((_, index) => (index === 0 ? null : boneNames[index - 1]));
  const skeleton: Skeleton = { boneNames, boneParents, blendShapeNames: [] };
  const pose = createPose(skeleton);
  for (let at = 0; at < pose.bones.length; at += 10) pose.bones[at + 1] = 0.1;
  const stream = createStreamSkeleton(skeleton, pose, { errorMetres: 0.03 });
  const [encoder, decoder] = [new StreamEncoder(stream), new StreamDecoder(stream)];
  const out = createPose(skeleton);
  const tree = boneTree(boneNames.map((_, index) => index - 1));
  const [source, decoded] = [createMatrices(9), createMatrices(9)];
  for (let index = 1; index < 200; index++) {
    for (let at = 0; at < pose.bones.length; at += 10) {
      const half = 0.15 * Math.sin(index / 7 + at);
      pose.bones.set([Math.sin(half), 0, 0, Math.cos(half)], at + 3);
    }
    const frame = encoder.encode(pose, { captureTimeUs: null });
    decoder.decode(frame, frame.payload, out);
    worldMatrices(pose, tree, source);
    worldMatrices(out, tree, decoded);
    for (let bone = 0; bone < 9; bone++) {
      const column = matrixAt(bone) + 3;
      const [y, z] = [1, 2].map((row) => decoded[column + row] - source[column + row]);
      // The links turn about x alone: one number's rounding, 0.7 of a step, is twice that as an angle. They are
      // aimed by 1.5 steps at most.
      expect(Math.hypot(y, z)).toBeLessThan(2.95 * stream.rotationSteps[bone + 1]);
    }
  }
});

describe("layers", () => {
  const clip = clips[0];
  const skeleton = skeletonOfClip(clip);
  const frames = encodeAll(new StreamEncoder(skeleton), clip);
  const whole = decodeAll(new StreamDecoder(skeleton), frames);

  test("[E2] numbers tell layers: 0 2 1 2, and keyframes are layer 0", () => {
    for (const { number, isKey } of frames) {
      expect(layerOf(number)).toBe([0, 2, 1, 2][number % 4]);
      if (isKey) expect(number % 4).toBe(0);
    }
  });

  for (const layerMax of [0, 1]) {
    test(`[E3] without the layers above ${layerMax}, the others decode to the same bits`, () => {
      const kept = frames.filter(({ number }) => layerOf(number) <= layerMax);
      const expected = whole.filter((_, index) => layerOf(frames[index].number) <= layerMax);
      expect(decodeAll(new StreamDecoder(skeleton), kept)).toEqual(expected);
    });
  }

  test("[E3] frames of layer 1 and 2 lost at random harm at most their own group", () => {
    const random = new Random(7);
    const lost = frames.map(({ number }) => layerOf(number) > 0 && random.chance(0.4));
    const kept = frames.filter((_, index) => !lost[index]);
    const decoded = decodeAll(new StreamDecoder(skeleton), kept);
    kept.forEach((frame, index) => {
      const at = frames.indexOf(frame);
      const needsLost = frame.number % 4 === 3 && lost[at - 1];
      expect(decoded[index]).toBe(needsLost ? null : whole[at]);
    });
  });

  test("[E4] [E4a] after a lost layer-0 frame nothing decodes until the next keyframe, then everything", () => {
    const at = frames.findIndex(
      ({ number, isKey }, index) => index > 20 && number % 4 === 0 && !isKey,
    );
    const nextKey = frames.findIndex(({ isKey }, index) => index > at && isKey);
    const kept = frames.toSpliced(at, 1);
    const decoded = decodeAll(new StreamDecoder(skeleton), kept);
    expect(decoded.slice(0, at)).toEqual(whole.slice(0, at));
    expect(decoded.slice(at, nextKey - 1).every((pose) => pose === null)).toBe(true);
    expect(decoded.slice(nextKey - 1)).toEqual(whole.slice(nextKey));
  });

  test("[E2a] [E4] a lost keyframe in the middle of a group is noticed", () => {
    const encoder = new StreamEncoder(skeleton);
    const sent = clip.poses.slice(0, 40).map((pose, index) => {
      const forceKey = index === 18;
      const frame = encoder.encode(pose, { captureTimeUs: clip.timesUs[index], forceKey });
      return { ...frame, payload: frame.payload.slice() };
    });
    expect(sent[17].number).toBe(17);
    expect(sent[18]).toMatchObject({ number: 20, isKey: true });
    const decoded = decodeAll(new StreamDecoder(skeleton), sent.toSpliced(18, 1));
    expect(decoded.slice(18).every((pose) => pose === null)).toBe(true);
  });

  test("[E4b] a header that no encoder writes is a DecodeError", () => {
    const decoder = new StreamDecoder(skeleton);
    for (const header of [
      { isKey: true, number: 1 },
      { isKey: true, number: 2 },
      { isKey: true, number: 3 },
    ]) {
      expect(() => decoder.decode(header, frames[0].payload, null)).toThrow(DecodeError);
    }
  });
});

describe("newcomers", () => {
  for (const clip of [...clips, randomClip(new Random(11), 30, 20, 300)]) {
    test(`[E25] ${clip.name}: a decoder started from a server's keyframe equals one that saw all`, () => {
      const skeleton = skeletonOfClip(clip);
      const frames = encodeAll(new StreamEncoder(skeleton), clip);
      const whole = decodeAll(new StreamDecoder(skeleton), frames);
      const server = new StreamDecoder(skeleton);
      for (const [index, frame] of frames.entries()) {
        if (frame.number % 4 === 0) server.decode(frame, frame.payload, null);
        if (index % 37 !== 5) continue;
        const keyframe = server.encodeKeyframe();
        if (keyframe === null) throw new Error("no keyframe");
        const newcomer = new StreamDecoder(skeleton);
        const pose = createPose(clip.skeleton);
        const header = { isKey: true, number: keyframe.number };
        expect(newcomer.decode(header, keyframe.payload, pose)).toBe("decoded");
        const layer0 = frames.findLastIndex(({ number }, at) => at <= index && number % 4 === 0);
        expect(whole[layer0]).toBe(words(pose));
        // The rest of the group may need its layer 1, which came before; all others decode.
        const next = frames.findIndex(({ number }, at) => at > index && number % 4 === 0);
        if (next < 0) continue;
        expect(decodeAll(newcomer, frames.slice(next))).toEqual(whole.slice(next));
      }
    });
  }

  test("no keyframe before the first layer-0 frame", () => {
    expect(new StreamDecoder(skeletonOfClip(clips[0])).encodeKeyframe()).toBeNull();
  });
});

test("100,000 frames both ways leave the heap as it was", () => {
  const clip = clips[0];
  const skeleton = skeletonOfClip(clip);
  const encoder = new StreamEncoder(skeleton);
  const decoder = new StreamDecoder(skeleton);
  const out = createPose(clip.skeleton);
  const run = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const pose = clip.poses[index % clip.poses.length];
      const frame = encoder.encode(pose, { captureTimeUs: index * 16_667 });
      decoder.decode(frame, frame.payload, out);
    }
  };
  const heapBytes = (): number => {
    Bun.gc(true);
    const { heapSize, extraMemorySize } = heapStats();
    return heapSize + extraMemorySize;
  };
  run(5000);
  const before = heapBytes();
  run(100_000);
  expect(heapBytes() - before).toBeLessThan(2 ** 20);
}, 60_000);

describe("keyframes and idling", () => {
  const clip = clips[0];

  test("[E29] a keyframe comes first, on request, and at least every 2 s of capture time while moving", () => {
    const frames = encodeAll(new StreamEncoder(skeletonOfClip(clip)), clip);
    const keys = frames.flatMap(({ isKey }, index) => (isKey ? [clip.timesUs[index]] : []));
    expect(frames[0].isKey).toBe(true);
    expect(keys.length).toBeGreaterThan(2);
    const intervalUs = clip.timesUs[1] - clip.timesUs[0];
    for (let index = 1; index < keys.length; index++) {
      expect(keys[index] - keys[index - 1]).toBeLessThan(2_000_000 + 2 * intervalUs);
    }
  });

  test("[E29] the first frame 2,000,000 us after a keyframe is one, in the middle of a group too", () => {
    for (const [captureTimeUs, isKey] of [
      [1_999_999, false],
      [2_000_000, true],
    ] as const) {
      const encoder = new StreamEncoder(skeletonOfClip(clip));
      for (const index of [0, 1, 2]) encoder.encode(clip.poses[index], { captureTimeUs: index });
      const frame = encoder.encode(clip.poses[3], { captureTimeUs });
      expect([frame.isKey, frame.number]).toEqual(isKey ? [true, 4] : [false, 3]);
    }
  });

  test("[E29] without motion none is due; a frame that moves is one itself", () => {
    const encoder = new StreamEncoder(skeletonOfClip(clip));
    const still = (captureTimeUs: number) => encoder.encode(clip.poses[0], { captureTimeUs }).isKey;
    expect([still(0), still(33_333), still(9_000_000)]).toEqual([true, false, false]);
    expect(encoder.encode(clip.poses[90], { captureTimeUs: 9_033_333 }).isKey).toBe(true);
    expect(still(9_066_666)).toBe(false);
    // Back at rest: that was a motion too.
    expect(still(11_033_333)).toBe(true);
    expect(still(14_000_000)).toBe(false);
  });

  test("[E29a] without capture times the 60th frame after a keyframe is the next", () => {
    const encoder = new StreamEncoder(skeletonOfClip(clip));
    const keys = clip.poses.slice(0, 150).map((pose) => {
      return encoder.encode(pose, { captureTimeUs: null }).isKey;
    });
    expect(keys.flatMap((isKey, index) => (isKey ? [index] : []))).toEqual([0, 60, 120]);
  });

  test("capture times may wrap at 32 bits", () => {
    const skeleton = skeletonOfClip(clip);
    const encoder = new StreamEncoder(skeleton);
    const isKey = clip.poses.slice(0, 300).map((pose, index) => {
      const captureTimeUs = 2 ** 32 - 1_000_000 + index * 16_667;
      const frame = encoder.encode(pose, { captureTimeUs });
      expect(frame.captureTimeUs).toBe(captureTimeUs % 2 ** 32);
      return frame.isKey;
    });
    expect(isKey.flatMap((key, index) => (key ? [index] : []))).toEqual([0, 120, 240]);
  });

  for (const rateHz of [0.2, 1, 30, 90]) {
    test(`[E29b] an idle avatar at ${rateHz} Hz costs less than 25 bytes a frame, header included`, () => {
      const skeleton = createStreamSkeleton(clip.skeleton, clip.poses[0]);
      const encoder = new StreamEncoder(skeleton);
      let bytes = 0;
      const count = 2000;
      for (let index = 0; index < count; index++) {
        const frame = encoder.encode(clip.poses[200], { captureTimeUs: (index * 1e6) / rateHz });
        bytes += HEADER_BYTES + frame.payload.length;
      }
      expect(bytes / count).toBeLessThan(8);
    });
  }
});
