// What a reader of the stream encoding must accept although our encoder does not write it: the `accepted` entries of
// vectors/stream.json.
import { createPose } from "../src/codec/index.ts";
import type { Skeleton, StreamFrameHeader } from "../src/codec/index.ts";
import { codeKeyframe, payloadBytesMax } from "../src/codec/stream/keyframe.ts";
import { FlagTable, streamModels } from "../src/codec/stream/models.ts";
import { RangeEncoder } from "../src/codec/stream/range-encoder.ts";
import { layerOf } from "../src/codec/stream/references.ts";
import { decodeSkeleton, encodeSkeleton } from "../src/codec/stream/skeleton-message.ts";
import { codeDelta, Mode } from "../src/codec/stream/state-coder.ts";
import type { SymbolCoder } from "../src/codec/stream/state-coder.ts";
import { StreamDecoder } from "../src/codec/stream/stream-decoder.ts";
import {
  createStreamSkeleton,
  OFFSET_STEPS_MAX,
  WEIGHT_STEPS_MAX,
} from "../src/codec/stream/stream-skeleton.ts";
import { copyState, createState } from "../src/codec/stream/stream-state.ts";
import type { StreamState } from "../src/codec/stream/stream-state.ts";
import type { FrameVector } from "../test/stream-trace.ts";
import { hexOfPose } from "../test/runtimes/stream-reader.ts";

/** A skeleton message and what is in it. */
export interface SkeletonVector {
  readonly name: string;
  readonly skeleton: string;
  readonly names: Skeleton;
  readonly hasRestPose: boolean;
  readonly weightScale: number;
  readonly rotationSteps: readonly number[];
  readonly positionSteps: readonly number[];
  readonly scaleSteps: readonly number[];
  readonly rest: readonly number[];
}

/** A frame that is accepted after the first `after` frames of the first stream. */
export interface AcceptedFrame extends StreamFrameHeader {
  readonly name: string;
  readonly layer: number;
  readonly after: number;
  readonly payload: string;
  readonly decoded: string;
}

/** What is in a skeleton message. */
export function skeletonVector(name: string, skeleton: string): SkeletonVector {
  const stream = decodeSkeleton(Uint8Array.fromHex(skeleton));
  const { rest, ...names } = stream.skeleton;
  return {
    name,
    skeleton,
    names,
    hasRestPose: rest !== undefined,
    weightScale: stream.weightScale,
    rotationSteps: Array.from(stream.rotationSteps),
    positionSteps: Array.from(stream.positionSteps),
    scaleSteps: Array.from(stream.scaleSteps),
    rest: Array.from(stream.rest),
  };
}

/** Skeletons that are unusual, some of them made from the bytes of a usual one. */
export function acceptedSkeletons(good: string): SkeletonVector[] {
  const changed = (at: number, hex: string): string =>
    good.slice(0, 2 * at) + hex + good.slice(2 * at + hex.length);
  const names: Skeleton = {
    // A byte order mark, a letter in two spellings, 64 bytes, and the name of a blend shape.
    boneNames: ["\u{feff}Hips", "\u{e9}", "e\u{301}", "x".repeat(64), "jawOpen"],
    blendShapeNames: ["jawOpen", "x".repeat(64)],
  };
  const named = createStreamSkeleton(names, createPose(names));
  const nothing = { boneNames: [], blendShapeNames: [] };
  // The root's steps begin at byte 10; those of the first bone, whose parent is before them, at 63.
  return [
    skeletonVector(
      "the largest steps and weight scale",
      changed(2, "c2bd707e").slice(0, 20) + "803e6e4e6e4e" + good.slice(32),
    ),
    skeletonVector(
      "the smallest steps and weight scale",
      changed(2, "5f708930").slice(0, 20) + "80378a308a30" + good.slice(32),
    ),
    skeletonVector("steps that no transform shares", changed(63, "003c803d003e")),
    skeletonVector("a parent that comes later, the last bone", changed(61, "0300")),
    skeletonVector("a bone that is its own parent", changed(61, "0100")),
    skeletonVector(
      "a parent's name that is a bone's",
      `${good.slice(0, 122)}ffff0448697073${good.slice(126)}`,
    ),
    skeletonVector("unusual names, no parents", encodeSkeleton(named).toHex()),
    skeletonVector(
      "no bones and no blend shapes",
      encodeSkeleton(createStreamSkeleton(nothing, createPose(nothing))).toHex(),
    ),
  ];
}

/** Frames that are unusual after the first frames of a stream. */
export function acceptedFrames(
  skeletonHex: string,
  frames: readonly FrameVector[],
): AcceptedFrame[] {
  const skeleton = decodeSkeleton(Uint8Array.fromHex(skeletonHex));
  const blank = () => createState(skeleton.transformCount, skeleton.restState.weights.length);
  const decoderAfter = (after: number) => {
    const decoder = new StreamDecoder(skeleton);
    for (const frame of frames.slice(0, after)) {
      decoder.decode(frame, Uint8Array.fromHex(frame.payload), null);
    }
    return decoder;
  };
  const accepted = (
    name: string,
    after: number,
    header: StreamFrameHeader,
    write: (coder: SymbolCoder) => void,
  ): AcceptedFrame => {
    const { isKey, number } = header;
    const encoder = new RangeEncoder(streamModels(), payloadBytesMax(skeleton));
    encoder.start();
    write(encoder);
    const payload = encoder.finish().slice();
    const pose = createPose(skeleton.skeleton);
    decoderAfter(after).decode(header, payload, pose);
    return {
      name,
      after,
      layer: layerOf(number),
      isKey,
      number,
      payload: payload.toHex(),
      decoded: hexOfPose(pose),
    };
  };
  const key = { isKey: true, number: 0 };
  const keyOf = (name: string, change: (state: StreamState) => void, talkative = false) =>
    accepted(name, 0, key, (coder) => {
      const state = blank();
      change(state);
      codeKeyframe(talkative ? new Talkative(coder) : coder, skeleton, state, null);
    });
  // The last frames stand still, and all before them is known from a keyframe: R is P.
  const still = frames.findLastIndex(({ layer }) => layer === 0);
  const stillAgain = (name: string, talkative: boolean) =>
    accepted(name, still, frames[still], (coder) => {
      const reference = decoderAfter(still).layer0State!;
      const state = copyState(reference, blank());
      const by = talkative ? new Talkative(coder) : coder;
      codeDelta(by, skeleton, Mode.Blind, state, reference, reference, false);
    });
  const turnMax = Math.floor(Math.sqrt(skeleton.turnSquaresMax[0]));
  return [
    keyOf(
      "a turn as far as it is accepted: w is below 0",
      ({ rotations }) => (rotations[1] = -turnMax),
    ),
    keyOf("positions and scales at the ends of their ranges", ({ positions, scales }) => {
      positions.set([OFFSET_STEPS_MAX, -OFFSET_STEPS_MAX, 5000]);
      scales.set([-OFFSET_STEPS_MAX, OFFSET_STEPS_MAX, -5000], 3);
    }),
    keyOf("weights at the ends of their range", ({ weights }) =>
      weights.set([WEIGHT_STEPS_MAX, -WEIGHT_STEPS_MAX]),
    ),
    keyOf("everything leaves its rest by 0 steps", () => {}, true),
    stillAgain("a state that is that of R", false),
    stillAgain("a state that is that of R, of which everything moves by 0 steps", true),
  ];
}

const talkedAbout: ReadonlySet<number> = new Set([
  FlagTable.GroupLeaves,
  FlagTable.GroupLeavesKey,
  FlagTable.Leaves,
  FlagTable.LeavesKey,
  FlagTable.Moves,
]);

/** Writes 1 where something may leave or move, whether it does or not. */
class Talkative implements SymbolCoder {
  readonly byteOffset = 0;
  readonly #coder: SymbolCoder;

  constructor(coder: SymbolCoder) {
    this.#coder = coder;
  }

  symbol(table: number, symbol: number): number {
    return this.#coder.symbol(table, talkedAbout.has(table) ? 1 : symbol);
  }

  residual(table: number, value: number): number {
    return this.#coder.residual(table, value);
  }

  bits(count: number, value: number): number {
    return this.#coder.bits(count, value);
  }
}
