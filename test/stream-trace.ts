// The streams of vectors/stream.json, with every value between a pose and its bytes.
import { createPose } from "../src/codec/index.ts";
import type { Pose } from "../src/codec/index.ts";
import { codeKeyframe, payloadBytesMax } from "../src/codec/stream/keyframe.ts";
import { streamModels } from "../src/codec/stream/models.ts";
import { PoseQuantizer } from "../src/codec/stream/pose-quantizer.ts";
import { RangeEncoder } from "../src/codec/stream/range-encoder.ts";
import { layerOf, References } from "../src/codec/stream/references.ts";
import { codeDelta } from "../src/codec/stream/state-coder.ts";
import type { SymbolCoder } from "../src/codec/stream/state-coder.ts";
import { StreamDecoder } from "../src/codec/stream/stream-decoder.ts";
import { StreamEncoder } from "../src/codec/stream/stream-encoder.ts";
import type { StreamSkeleton } from "../src/codec/stream/stream-skeleton.ts";
import { copyState, createState, equalStates } from "../src/codec/stream/stream-state.ts";
import type { StreamState } from "../src/codec/stream/stream-state.ts";

/** One thing coded: a symbol or a residual with its table, or raw bits with their count. */
export type Step = readonly ["symbol" | "residual" | "bits", number, number];

export interface StateNumbers {
  readonly rotations: number[];
  readonly positions: number[];
  readonly scales: number[];
  readonly weights: number[];
}

/** Numbers of a pose: root, bones and weights one after another. */
export type PoseNumbers = readonly number[];

export interface FrameVector {
  readonly pose: PoseNumbers;
  readonly forceKey: boolean;
  readonly captureTimeUs: number;
  readonly layer: number;
  readonly isKey: boolean;
  readonly number: number;
  readonly state: StateNumbers;
  readonly steps: readonly Step[];
  readonly payload: string;
  /** The decoded pose: f32 little-endian. */
  readonly decoded: string;
  /** The keyframe that a server gives to a newcomer after this frame. */
  readonly newcomer: { readonly number: number; readonly payload: string };
}

export function poseFrom(skeleton: StreamSkeleton, numbers: PoseNumbers): Pose {
  const pose = createPose(skeleton.skeleton);
  pose.root.set(numbers.slice(0, 10));
  pose.bones.set(numbers.slice(10, 10 + pose.bones.length));
  pose.blendShapes.set(numbers.slice(10 + pose.bones.length));
  return pose;
}

/** What a stream of these poses looks like, step by step. */
export function traceStream(
  skeleton: StreamSkeleton,
  poses: readonly Pick<FrameVector, "pose" | "forceKey" | "captureTimeUs">[],
): FrameVector[] {
  const encoder = new StreamEncoder(skeleton);
  const decoder = new StreamDecoder(skeleton);
  const references = new References(skeleton);
  const quantizer = new PoseQuantizer(skeleton);
  const out = createPose(skeleton.skeleton);
  let last = -1;
  return poses.map(({ pose, forceKey, captureTimeUs }) => {
    const source = poseFrom(skeleton, pose);
    const frame = encoder.encode(source, { captureTimeUs, forceKey });
    const by = references.resolve((last + 1) & 0xff);
    const state = quantizer.quantize(source, by, references.next);
    last = frame.number;
    const steps = traceFrame(skeleton, references, state, frame, frame.payload);
    references.keep(frame);
    if (decoder.decode(frame, frame.payload, out) !== "decoded") throw new Error("not decoded");
    const newcomer = decoder.encodeKeyframe();
    if (newcomer === null) throw new Error("no keyframe");
    const { isKey, number, payload } = frame;
    return {
      pose,
      forceKey,
      captureTimeUs,
      layer: layerOf(number),
      isKey,
      number,
      state: numbersOf(state),
      steps,
      payload: payload.toHex(),
      decoded: [out.root, out.bones, out.blendShapes]
        .map((values) => new Uint8Array(values.buffer).toHex())
        .join(""),
      newcomer: { number: newcomer.number, payload: newcomer.payload.toHex() },
    };
  });
}

function traceFrame(
  skeleton: StreamSkeleton,
  references: References,
  state: StreamState,
  frame: { isKey: boolean; number: number },
  payload: Uint8Array,
): Step[] {
  const coder = new TracingCoder(new RangeEncoder(streamModels(), payloadBytesMax(skeleton)));
  coder.encoder.start();
  // A walk writes into the state that it is given, which must already be the frame's.
  const empty = createState(skeleton.transformCount, state.weights.length);
  const copy = copyState(state, empty);
  if (frame.isKey) {
    codeKeyframe(coder, skeleton, copy, null);
  } else {
    const resolved = references.resolve(frame.number);
    if (resolved === null) throw new Error("no reference");
    const { mode, reference, before } = resolved;
    const isStill = equalStates(state, reference);
    codeDelta(coder, skeleton, mode, copy, reference, before, isStill);
  }
  if (coder.encoder.finish().toHex() === payload.toHex()) return coder.steps;
  throw new Error("the trace gives other bytes");
}

class TracingCoder implements SymbolCoder {
  readonly byteOffset = 0;
  readonly encoder: RangeEncoder;
  readonly steps: Step[] = [];

  constructor(encoder: RangeEncoder) {
    this.encoder = encoder;
  }

  symbol(table: number, symbol: number): number {
    this.steps.push(["symbol", table, symbol]);
    return this.encoder.symbol(table, symbol);
  }

  residual(table: number, value: number): number {
    this.steps.push(["residual", table, value]);
    return this.encoder.residual(table, value);
  }

  bits(count: number, value: number): number {
    this.steps.push(["bits", count, value]);
    return this.encoder.bits(count, value);
  }
}

export function numbersOf(state: StreamState): StateNumbers {
  return {
    rotations: Array.from(state.rotations),
    positions: Array.from(state.positions),
    scales: Array.from(state.scales),
    weights: Array.from(state.weights),
  };
}
