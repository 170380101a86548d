// Measures the stream encoding on one clip: size, time, errors and memory. Frames are decoded and checked
// against the guaranteed errors before anything is timed.
import { heapStats } from "bun:jsc";
import { createPose, poseOf } from "../src/codec/index.ts";
import type { Pose } from "../src/codec/index.ts";
import {
  createStreamSkeleton,
  DEFAULT_PRECISION,
  layerOf,
  maxErrors,
  RootReader,
  StreamDecoder,
  StreamEncoder,
} from "../src/codec/stream/index.ts";
import type {
  EncodedStreamFrame,
  StreamPrecision,
  StreamSkeleton,
} from "../src/codec/stream/index.ts";
import { PoseMatch } from "../src/load/pose-match.ts";
import type { BenchClip } from "./clips.ts";
import { median } from "./measure.ts";
import { SpaceError } from "./space-error.ts";

/** Header bytes of a frame's message. */
export const HEADER_BYTES = 6;
const KEEP_FRAMES = 100_000;
const GROWTH_BYTES_MAX = 2 ** 20;

export interface EncodedClip {
  readonly skeleton: StreamSkeleton;
  readonly poses: readonly Pose[];
  readonly timesUs: readonly number[];
  readonly frames: readonly EncodedStreamFrame[];
}

/** All frames of a clip; the first one is the rest pose. */
export function encodeClip(clip: BenchClip, precision: Partial<StreamPrecision> = {}): EncodedClip {
  const poses = clip.frames.map((frame) => poseOf(frame, createPose(clip.skeleton)));
  const timesUs = clip.frames.map(({ timestamp }) => Math.round(timestamp * 1e6));
  const skeleton = createStreamSkeleton(clip.skeleton, poses[0], precision);
  const encoder = new StreamEncoder(skeleton);
  const frames = poses.map((pose, index) => {
    const frame = encoder.encode(pose, { captureTimeUs: timesUs[index] });
    return { ...frame, payload: frame.payload.slice() };
  });
  return { skeleton, poses, timesUs, frames };
}

/** What decoding a clip gives, against its source. */
interface SeenErrors {
  readonly space: SpaceError;
  readonly rotationDegrees: number;
  readonly positionMetres: number;
  readonly weight: number;
}

/** The errors seen. @throws {Error} if one is larger than guaranteed. */
export function measureErrors({ skeleton, poses, frames }: EncodedClip): SeenErrors {
  const guaranteed = maxErrors(skeleton);
  const match = new PoseMatch(guaranteed);
  const decoder = new StreamDecoder(skeleton);
  const out = createPose(skeleton.skeleton);
  const space = new SpaceError(skeleton);
  const seen = { rotationDegrees: 0, positionMetres: 0, weight: 0 };
  for (const [index, frame] of frames.entries()) {
    const pose = poses[index];
    if (decoder.decode(frame, frame.payload, out) !== "decoded") throw new Error(`frame ${index}`);
    if (!match.isMatch(pose, out))
      throw new Error(`frame ${index} is beyond the guaranteed errors`);
    space.add(pose, out);
    const pairs = [
      [pose.root, out.root],
      [pose.bones, out.bones],
    ];
    for (const [from, to] of pairs) {
      for (let at = 0; at < from.length; at += 10) {
        const unitMetres = space.unitMetresAt(from === pose.root ? 0 : at / 10 + 1);
        const error = (axis: number): number => Math.abs(from[at + axis] - to[at + axis]);
        const largest = Math.max(error(0), error(1), error(2)) * unitMetres;
        seen.positionMetres = Math.max(seen.positionMetres, largest);
        seen.rotationDegrees = Math.max(seen.rotationDegrees, degreesBetween(from, to, at + 3));
      }
    }
    pose.blendShapes.forEach((weight, shape) => {
      seen.weight = Math.max(seen.weight, Math.abs(weight - out.blendShapes[shape]));
    });
  }
  return { space, ...seen };
}

function degreesBetween(from: Float32Array, to: Float32Array, at: number): number {
  const length = Math.hypot(from[at], from[at + 1], from[at + 2], from[at + 3]);
  const chord = (sign: number): number =>
    Math.hypot(...[0, 1, 2, 3].map((axis) => from[at + axis] / length - sign * to[at + axis]));
  return (4 * Math.asin(Math.min(chord(1), chord(-1)) / 2) * 180) / Math.PI;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Bytes by which the heap has grown after many frames both ways. */
function measureGrowth({ skeleton, poses, frames }: EncodedClip): number {
  const encoder = new StreamEncoder(skeleton);
  const decoder = new StreamDecoder(skeleton);
  const out = createPose(skeleton.skeleton);
  const run = (count: number): void => {
    for (let done = 0; done < count; done++) {
      const index = done % poses.length;
      encoder.encode(poses[index], { captureTimeUs: done * 33_333 });
      decoder.decode(frames[index], frames[index].payload, out);
    }
  };
  const heapBytes = (): number => {
    Bun.gc(true);
    const { heapSize, extraMemorySize } = heapStats();
    return heapSize + extraMemorySize;
  };
  run(2 * poses.length);
  const before = heapBytes();
  run(KEEP_FRAMES);
  return heapBytes() - before;
}

/**
 * Microseconds of one call of each work: the fastest of many passes over all frames, which is the speed of a
 * machine without other work.
 */
function fastestUs(count: number, works: readonly ((index: number) => unknown)[]): number[] {
  const fastest = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 100; round++) {
    for (const [which, work] of works.entries()) {
      const startMs = performance.now();
      for (let index = 0; index < count; index++) work(index);
      fastest[which] = Math.min(fastest[which], ((performance.now() - startMs) * 1000) / count);
    }
  }
  return fastest;
}

/** The stream encoding of a clip, measured. Bytes include the 6-byte header, except `payloadBytesMean`. */
export interface StreamFigures {
  readonly errorMetres: number;
  /** Mean bytes of a frame as its publisher sends it, keyframes every 2 s included. */
  readonly bytesMean: number;
  readonly payloadBytesMean: number;
  /** Mean bytes of the deltas of each layer. */
  readonly bytesByLayer: readonly number[];
  readonly keyframeBytes: number;
  readonly encodeUs: number;
  readonly decodeUs: number;
  /** Reading only the root of a layer-0 frame. */
  readonly rootUs: number;
  readonly heapGrowthBytes: number;
  /** Of all bones of all frames, the root too. */
  readonly spaceErrorMm: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Null if no bone's parent is known. */
  readonly guaranteedErrorMm: number | null;
  readonly maxRotationErrorDeg: number;
  readonly maxPositionErrorM: number;
  readonly maxWeightError: number;
}

/** @throws {Error} if a frame exceeds the guaranteed errors, or the heap grows. */
export function measureStream(
  clip: BenchClip,
  errorMetres = DEFAULT_PRECISION.errorMetres,
): StreamFigures {
  const stream = encodeClip(clip, { errorMetres });
  const { skeleton, poses, timesUs, frames } = stream;
  const errors = measureErrors(stream);
  const bytesOf = (list: readonly EncodedStreamFrame[]): number =>
    mean(list.map(({ payload }) => HEADER_BYTES + payload.length));
  const deltas = frames.filter(({ isKey }) => !isKey);
  // A keyframe of each pose: the first frame of a clip is its rest pose, so its size says nothing.
  const keyEncoder = new StreamEncoder(skeleton);
  const keys = poses.map((pose) => {
    const frame = keyEncoder.encode(pose, { captureTimeUs: null, forceKey: true });
    return HEADER_BYTES + frame.payload.length;
  });
  const encoder = new StreamEncoder(skeleton);
  const decoder = new StreamDecoder(skeleton);
  const out = createPose(clip.skeleton);
  const [encodeUs, decodeUs] = fastestUs(poses.length, [
    (index) => encoder.encode(poses[index], { captureTimeUs: timesUs[index] }),
    (index) => decoder.decode(frames[index], frames[index].payload, out),
  ]);
  const reader = new RootReader(skeleton);
  const layer0 = frames.filter(({ number }) => layerOf(number) === 0);
  const [rootUs] = fastestUs(layer0.length, [
    (index) => reader.read(layer0[index], layer0[index].payload),
  ]);
  const growthBytes = measureGrowth(stream);
  if (growthBytes > GROWTH_BYTES_MAX) throw new Error(`the heap grew by ${growthBytes} bytes`);
  const round = (value: number): number => Number(value.toPrecision(4));
  const { space } = errors;
  const millimetres = (share: number): number => round(1000 * space.quantile(share));
  const { bodyMetres } = maxErrors(skeleton);
  return {
    errorMetres,
    bytesMean: round(bytesOf(frames)),
    payloadBytesMean: round(mean(frames.map(({ payload }) => payload.length))),
    bytesByLayer: [0, 1, 2].map((layer) =>
      round(bytesOf(deltas.filter((f) => layerOf(f.number) === layer))),
    ),
    keyframeBytes: round(median(keys)),
    encodeUs: round(encodeUs),
    decodeUs: round(decodeUs),
    rootUs: round(rootUs),
    heapGrowthBytes: growthBytes,
    spaceErrorMm: { p50: millimetres(0.5), p99: millimetres(0.99), max: millimetres(1) },
    guaranteedErrorMm: bodyMetres === null ? null : round(1000 * bodyMetres),
    maxRotationErrorDeg: round(errors.rotationDegrees),
    maxPositionErrorM: round(errors.positionMetres),
    maxWeightError: round(errors.weight),
  };
}
