// Broken payloads: only a DecodeError escapes, what does decode is a pose within the skeleton's ranges, and
// the next keyframe decodes. STREAM_FUZZ_RUNS=1000000 makes it a million; FUZZ_SEED repeats a run.
import { expect, test } from "bun:test";
import { clipPaths, readClipPoses } from "../../../test/clip-poses.ts";
import { Random } from "../../../test/random.ts";
import { DecodeError } from "../errors.ts";
import { createPose } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { StreamDecoder } from "./stream-decoder.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import { createStreamSkeleton, OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

const RUNS = Number(process.env["STREAM_FUZZ_RUNS"] ?? 100_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);

const clips = await Promise.all(clipPaths().map(readClipPoses));

/** The furthest that a payload can move a number from its rest, by analysis. */
function isWithinRanges(stream: StreamSkeleton, pose: Pose): boolean {
  const { rest } = stream;
  const weightReach = ((WEIGHT_STEPS_MAX + 0.5) / 255) * stream.weightScale;
  let isWithin = true;
  const check = (values: Float32Array, restAt: number): void => {
    for (let at = 0; at < values.length; at += 10) {
      for (const axis of [0, 1, 2, 7, 8, 9]) {
        const transform = (restAt + at) / 10;
        const steps = axis < 3 ? stream.positionSteps : stream.scaleSteps;
        const reach = OFFSET_STEPS_MAX * steps[transform] * 1.001;
        const from = Math.abs(values[at + axis] - rest[restAt + at + axis]);
        if (!(from <= reach)) isWithin = false;
      }
      const length = Math.hypot(values[at + 3], values[at + 4], values[at + 5], values[at + 6]);
      if (!(Math.abs(length - 1) < 1e-6)) isWithin = false;
    }
  };
  check(pose.root, 0);
  check(pose.bones, 10);
  if (!pose.blendShapes.every((weight) => Math.abs(weight) <= weightReach)) isWithin = false;
  return isWithin;
}

function mutate(random: Random, payload: Uint8Array): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return random.bytes(random.below(300));
    case 1:
      return payload.slice(0, random.below(payload.length + 1));
    case 2:
      return new Uint8Array([...payload, ...random.bytes(1 + random.below(9))]);
    default: {
      const bytes = payload.slice();
      const count = 1 + random.below(3);
      for (let index = 0; index < count && bytes.length > 0; index++) {
        bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      }
      return bytes;
    }
  }
}

test(
  `[E23] ${RUNS} broken frames (seed ${SEED}): DecodeError or a pose in range, then the next keyframe`,
  () => {
    const random = new Random(SEED);
    let refused = 0;
    let decoded = 0;
    for (const clip of clips) {
      const skeleton = createStreamSkeleton(clip.skeleton, clip.poses[0]);
      const encoder = new StreamEncoder(skeleton);
      const frames = clip.poses.slice(0, 130).map((pose, index) => {
        const frame = encoder.encode(pose, { captureTimeUs: clip.timesUs[index] });
        return { ...frame, payload: frame.payload.slice() };
      });
      const decoder = new StreamDecoder(skeleton);
      const reference = new StreamDecoder(skeleton);
      const pose = createPose(clip.skeleton);
      const expected = createPose(clip.skeleton);
      const runs = Math.ceil(RUNS / clips.length);
      for (let run = 0; run < runs; run++) {
        // A decoder that has seen the truth up to here, now and then; else one that has seen anything.
        const frame = random.pick(frames);
        const header = {
          isKey: random.chance(0.02) ? !frame.isKey : frame.isKey,
          number: random.chance(0.3) ? random.below(256) : frame.number,
        };
        try {
          const result = decoder.decode(header, mutate(random, frame.payload), pose);
          if (result === "decoded") {
            decoded++;
            if (!isWithinRanges(skeleton, pose)) throw new Error(`run ${run}: out of range`);
          }
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          refused++;
        }
        if (run % 8 !== 0) continue;
        const key = frames[0];
        expect(decoder.decode(key, key.payload, pose)).toBe("decoded");
        reference.decode(key, key.payload, expected);
        const next = frames[1];
        expect(decoder.decode(next, next.payload, pose)).toBe("decoded");
        reference.decode(next, next.payload, expected);
        if (Buffer.compare(Buffer.from(pose.bones.buffer), Buffer.from(expected.bones.buffer))) {
          throw new Error(`run ${run}: the next keyframe's delta decodes to something else`);
        }
      }
    }
    expect(refused).toBeGreaterThan(RUNS / 40);
    expect(decoded).toBeGreaterThan(RUNS / 1000);
  },
  Math.max(60_000, RUNS / 2),
);
