// What a reader of the stream encoding makes of vectors/stream.json. It runs in whatever runtime this is, and reads
// with the codec that it is given: ours, or a copy of it with a mistake.
import type { DecodeErrorCode, Pose, Skeleton, StreamFrameHeader } from "../../src/codec/index.ts";

/** What a reader needs of a codec. */
export type StreamCodec = typeof import("../mutants/stream-codec.ts");

export interface FrameToRead extends StreamFrameHeader {
  readonly layer: number;
  readonly payload: string;
  readonly decoded: string;
  readonly newcomer: { readonly number: number; readonly payload: string };
}

export interface StreamToRead {
  readonly name: string;
  readonly skeleton: string;
  readonly names: Skeleton;
  readonly hasRestPose: boolean;
  readonly weightScale: number;
  readonly rotationSteps: readonly number[];
  readonly positionSteps: readonly number[];
  readonly scaleSteps: readonly number[];
  readonly rest: readonly number[];
  readonly frames: readonly FrameToRead[];
}

/** A frame after the first `after` frames of the first stream. */
interface FrameAfter extends StreamFrameHeader {
  readonly name: string;
  readonly after: number;
  readonly payload: string;
}

/** What a reader needs of vectors/stream.json. */
export interface VectorsToRead {
  readonly streams: readonly StreamToRead[];
  readonly receivers: readonly {
    readonly name: string;
    readonly stream: string;
    readonly newcomerAfter: number | null;
    readonly frames: readonly number[];
    readonly unknown: readonly number[];
  }[];
  readonly accepted: {
    readonly skeletons: readonly Omit<StreamToRead, "frames">[];
    readonly frames: readonly (FrameAfter & { readonly decoded: string })[];
  };
  readonly invalid: {
    readonly skeletons: readonly {
      readonly name: string;
      readonly skeleton: string;
      readonly code: DecodeErrorCode;
      readonly byteOffset: number;
    }[];
    readonly frames: readonly (FrameAfter & {
      readonly code: DecodeErrorCode | "unknown_reference";
    })[];
  };
}

// Node 22 has no Uint8Array.fromHex yet.
export const bytesOf = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
export const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const hexOfPose = ({ root, bones, blendShapes }: Pose) =>
  [root, bones, blendShapes].map(({ buffer }) => hexOf(new Uint8Array(buffer))).join("");

/** The vectors that `codec` does not read as they say, and what it makes of them, in the file's order. */
export function* misreadVectors(codec: StreamCodec, vectors: VectorsToRead): Generator<string> {
  const { streams, receivers, accepted, invalid } = vectors;
  for (const stream of streams) yield* misreadStream(codec, stream);
  for (const receiver of receivers) {
    const stream = streams.find(({ name }) => name === receiver.stream);
    const { name, newcomerAfter, frames, unknown } = receiver;
    const found = outcomeOf(() => {
      if (stream === undefined) return `there is no stream ${receiver.stream}`;
      const reader = new Reader(codec, stream.skeleton);
      if (newcomerAfter !== null) reader.readNewcomer(stream.frames[newcomerAfter]);
      for (const at of frames) {
        const frame = stream.frames[at];
        const expected = unknown.includes(at) ? "unknown_reference" : frame.decoded;
        if (reader.read(frame) !== expected) return `frame ${at}`;
      }
      return null;
    });
    if (found !== null) yield `receivers, ${name}: ${found}`;
  }
  for (const skeleton of accepted.skeletons) {
    const found = outcomeOf(() => differenceOf(codec, skeleton));
    if (found !== null) yield `accepted.skeletons, ${skeleton.name}: ${found}`;
  }
  const [first] = streams;
  const readerAfter = (after: number) => {
    const reader = new Reader(codec, first.skeleton);
    for (const frame of first.frames.slice(0, after)) reader.read(frame);
    return reader;
  };
  for (const { decoded, after, ...frame } of accepted.frames) {
    const found = outcomeOf(() => (readerAfter(after).read(frame) === decoded ? null : "the pose"));
    if (found !== null) yield `accepted.frames, ${frame.name}: ${found}`;
  }
  for (const { name, skeleton, code, byteOffset } of invalid.skeletons) {
    const found = outcomeOf(() => {
      codec.decodeSkeleton(bytesOf(skeleton));
      return "accepted";
    });
    if (found !== `${code} at ${byteOffset}`) yield `invalid.skeletons, ${name}: ${found}`;
  }
  for (const { code, after, ...frame } of invalid.frames) {
    const found = outcomeOf(() => {
      const reader = readerAfter(after);
      const result = outcomeOf(() => reader.read(frame)) ?? "";
      if (kindOf(result) !== kindOf(code)) return result.length > 60 ? "accepted" : result;
      // As if it had not been. Only what came before a gap is forgotten.
      const next = first.frames[after];
      const isForgotten =
        code === "unknown_reference" && codec.layerOf(frame.number) === 0 && !next.isKey;
      if (reader.read(next) === (isForgotten ? code : next.decoded)) return null;
      return "the next frame";
    });
    if (found !== null) yield `invalid.frames, ${frame.name}: ${found}`;
  }
}

/** Readers that look ahead otherwise may tell the two codes differently. */
function kindOf(result: string): string {
  const [code] = result.split(" ");
  return code === "trailing_bytes" ? "not_canonical" : code;
}

function* misreadStream(codec: StreamCodec, stream: StreamToRead): Generator<string> {
  const found = outcomeOf(() => {
    const difference = differenceOf(codec, stream);
    if (difference !== null) return difference;
    const reader = new Reader(codec, stream.skeleton);
    const newcomer = new Reader(codec, stream.skeleton);
    let layer0 = "";
    for (const [at, frame] of stream.frames.entries()) {
      const number = `frame ${at}`;
      if (codec.layerOf(frame.number) !== frame.layer) return `${number}: the layer`;
      const result = outcomeOf(() => (reader.read(frame) === frame.decoded ? null : "the pose"));
      if (result !== null) return `${number}: ${result}`;
      if (frame.layer === 0) layer0 = frame.decoded;
      if (newcomer.readNewcomer(frame) !== layer0) return `${number}: the newcomer's keyframe`;
    }
    return null;
  });
  if (found !== null) yield `streams, ${stream.name}: ${found}`;
}

/** What a skeleton message says otherwise than it should; null if nothing. */
function differenceOf(codec: StreamCodec, stream: Omit<StreamToRead, "frames">): string | null {
  const found = codec.decodeSkeleton(bytesOf(stream.skeleton));
  const { rest, ...names } = found.skeleton;
  const restPose = stream.hasRestPose ? stream.rest.slice(10) : undefined;
  const pairs: Record<string, [found: unknown, expected: unknown]> = {
    names: [sorted(names), sorted(stream.names)],
    restPose: [rest && Array.from(rest), restPose],
    weightScale: [found.weightScale, stream.weightScale],
    rotationSteps: [Array.from(found.rotationSteps), stream.rotationSteps],
    positionSteps: [Array.from(found.positionSteps), stream.positionSteps],
    scaleSteps: [Array.from(found.scaleSteps), stream.scaleSteps],
    rest: [Array.from(found.rest), stream.rest],
  };
  return Object.keys(pairs).find((key) => textOf(pairs[key][0]) !== textOf(pairs[key][1])) ?? null;
}

const sorted = ({ boneNames, boneParents, blendShapeNames }: Skeleton) => [
  boneNames,
  boneParents ?? "no parents",
  blendShapeNames,
];
const textOf = (value: unknown) =>
  JSON.stringify(value, (_key, each: unknown) => (Object.is(each, -0) ? "-0" : each));

/** What `run` returns, or the code and place of its error, or an error that no reader should have. */
function outcomeOf(run: () => string | null): string | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, place } = error as { code?: string; place?: { byteOffset?: number } };
    return code === undefined ? String(error) : `${code} at ${place?.byteOffset}`;
  }
}

class Reader {
  readonly #decoder;
  readonly #pose: Pose;

  constructor(codec: StreamCodec, skeleton: string) {
    const stream = codec.decodeSkeleton(bytesOf(skeleton));
    this.#decoder = new codec.StreamDecoder(stream);
    this.#pose = codec.createPose(stream.skeleton);
  }

  /** The pose in hex, or `unknown_reference`. */
  read(frame: StreamFrameHeader & { readonly payload: string }): string {
    const result = this.#decoder.decode(frame, bytesOf(frame.payload), this.#pose);
    return result === "decoded" ? hexOfPose(this.#pose) : result;
  }

  readNewcomer({ newcomer: { number, payload } }: FrameToRead): string {
    return this.read({ isKey: true, number, payload });
  }
}
