// The root without the rest: the same bits as the whole decoder's.
import { expect, test } from "bun:test";
import { clipPaths, readClipPoses } from "../../../test/clip-poses.ts";
import { Random } from "../../../test/random.ts";
import { createPose } from "../frame.ts";
import { layerOf } from "./references.ts";
import { RootReader } from "./root-reader.ts";
import { StreamDecoder } from "./stream-decoder.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import { createStreamSkeleton, OFFSET_STEPS_MAX, restPoseOf } from "./stream-skeleton.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const clips = await Promise.all(clipPaths().map(readClipPoses));

/** Every clip as a stream whose avatar also walks: the roots of most clips stay where they are. */
const streams = clips.map(({ skeleton: names, poses, timesUs }) => {
  const skeleton = createStreamSkeleton(names, poses[0]);
  const encoder = new StreamEncoder(skeleton);
  const frames = poses.map((pose, index) => {
    const root = pose.root.slice();
    root[0] += 3 * Math.sin(index / 40);
    root[2] += index / 100;
    const walking = { ...pose, root };
    const frame = encoder.encode(walking, { captureTimeUs: timesUs[index] });
    return { ...frame, payload: frame.payload.slice() };
  });
  return { skeleton, frames };
});

test("[E26] the root of every layer-0 frame is read without the rest, bit by bit", () => {
  for (const { skeleton, frames } of streams) {
    const reader = new RootReader(skeleton);
    const decoder = new StreamDecoder(skeleton);
    const pose = createPose(skeleton.skeleton);
    const roots = new Set<string>();
    expect(reader.root).toEqual(restPoseOf(skeleton).root);
    for (const frame of frames) {
      decoder.decode(frame, frame.payload, pose);
      if (layerOf(frame.number) !== 0) continue;
      expect(reader.read(frame, frame.payload)).toBe(true);
      expect(reader.root).toEqual(pose.root);
      roots.add(reader.root.join());
    }
    expect(roots.size).toBeGreaterThan(frames.length / 8);
  }
});

test("[E25] after a keyframe that tells the frame before it, the publisher's next frames are read", () => {
  for (const { skeleton, frames } of streams) {
    const decoder = new StreamDecoder(skeleton);
    const pose = createPose(skeleton.skeleton);
    let reader: RootReader | undefined;
    for (const frame of frames) {
      decoder.decode(frame, frame.payload, pose);
      if (layerOf(frame.number) !== 0) continue;
      if (reader !== undefined) {
        expect(reader.read(frame, frame.payload)).toBe(true);
        expect(reader.root).toEqual(pose.root);
      }
      reader = new RootReader(skeleton);
      const { number, payload } = decoder.encodeKeyframe()!;
      expect(reader.read({ ...frame, number, isKey: true }, payload)).toBe(true);
      expect(reader.root).toEqual(pose.root);
    }
  }
});

test("[E4] after a missing frame nothing is read until the next keyframe, and the root stays", () => {
  const { skeleton, frames } = streams[0];
  const reader = new RootReader(skeleton);
  const layer0 = frames.filter(({ number }) => layerOf(number) === 0);
  const gap = layer0.findIndex(({ isKey }, at) => at > 2 && !isKey && !layer0[at + 1].isKey);
  for (const frame of layer0.slice(0, gap)) reader.read(frame, frame.payload);
  const root = reader.root.slice();
  let isKnown = false;
  for (const frame of layer0.slice(gap + 1)) {
    isKnown ||= frame.isKey;
    expect(reader.read(frame, frame.payload)).toBe(isKnown);
    if (!isKnown) expect(reader.root).toEqual(root);
  }
  expect(isKnown).toBe(true);
});

test(`[E23] garbage (seed ${SEED}) throws nothing, and the root stays within the skeleton's reach`, () => {
  const random = new Random(SEED);
  const { skeleton, frames } = streams[0];
  const reader = new RootReader(skeleton);
  const layer0 = frames.filter(({ number }) => layerOf(number) === 0);
  const rest = skeleton.rest;
  const reach = OFFSET_STEPS_MAX * skeleton.positionSteps[0] * 1.001;
  let refused = 0;
  for (let run = 0; run < 20_000; run++) {
    const frame = layer0[run % layer0.length];
    const bytes = random.chance(0.5) ? frame.payload.slice() : random.bytes(random.below(60));
    if (bytes.length > 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    if (!reader.read(frame, bytes)) refused++;
    for (let axis = 0; axis < 3; axis++) {
      expect(Math.abs(reader.root[axis] - rest[axis])).toBeLessThanOrEqual(reach);
    }
    expect(reader.root.every((value) => Number.isFinite(value))).toBe(true);
  }
  expect(refused).toBeGreaterThan(100);
  const key = layer0.find(({ isKey }) => isKey)!;
  expect(reader.read(key, key.payload)).toBe(true);
});
