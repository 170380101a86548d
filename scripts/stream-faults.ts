// What a reader of the stream encoding must refuse: the `invalid` entries of vectors/stream.json.
import { DecodeError } from "../src/codec/index.ts";
import type { DecodeErrorCode } from "../src/codec/index.ts";
import { payloadBytesMax } from "../src/codec/stream/keyframe.ts";
import { CLASS_COUNT, FlagTable, streamModels, TableSet } from "../src/codec/stream/models.ts";
import { RangeEncoder } from "../src/codec/stream/range-encoder.ts";
import type { StreamFrameHeader } from "../src/codec/stream/references.ts";
import { decodeSkeleton } from "../src/codec/stream/skeleton-message.ts";
import { StreamDecoder } from "../src/codec/stream/stream-decoder.ts";
import { OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX } from "../src/codec/stream/stream-skeleton.ts";
import type { FrameVector, Step } from "../test/stream-trace.ts";

/** A skeleton message that is refused, and the byte that the error names. */
export interface InvalidSkeleton {
  readonly name: string;
  readonly skeleton: string;
  readonly code: DecodeErrorCode;
  readonly byteOffset: number;
}

/** A frame that is refused after the first `after` frames of the first stream. */
export interface InvalidFrame extends StreamFrameHeader {
  readonly name: string;
  readonly after: number;
  readonly payload: string;
  readonly code: DecodeErrorCode | "unknown_reference";
}

// After the header, the root's steps and its rest: the first bone's name, `Hips`, its parent and its steps.
const boneNameAt = 56;
const boneParentAt = 61;
const boneStepsAt = 63;

/** Bytes that overwrite the skeleton from an offset on. */
type Change = readonly [at: number, hex: string];

const skeletonFaults: [string, DecodeErrorCode, byteOffset: number, ...changes: Change[]][] = [
  ["another version", "unsupported_version", 0, [0, "02"]],
  ["a flag of a later version", "unsupported_version", 1, [1, "05"]],
  ["a weight scale of infinity", "out_of_range", 2, [2, "0000807f"]],
  ["a weight scale above 8e37", "out_of_range", 2, [2, "c3bd707e"]],
  ["a weight scale below 1e-9", "out_of_range", 2, [2, "5e708930"]],
  ["1,025 bones", "too_many_bones", 6, [6, "0104"]],
  ["1,025 blend shapes", "too_many_blend_shapes", 8, [8, "0104"]],
  ["a rotation step above 1/4", "out_of_range", 10, [10, "813e"]],
  ["a rotation step below 2^-16", "out_of_range", 10, [10, "7f37"]],
  ["a position step below 1e-9", "out_of_range", 12, [12, "8930"]],
  ["a position step above 1e9", "out_of_range", 12, [12, "6f4e"]],
  ["a position step of 0", "out_of_range", 12, [12, "0000"]],
  ["a scale step that is not a number", "out_of_range", 14, [14, "c07f"]],
  ["a negative step of a bone", "out_of_range", boneStepsAt + 2, [boneStepsAt + 2, "3bbb"]],
  ["a rest that is not a number", "not_finite", 20, [20, "0000c07f"]],
  ["a rest of infinity", "not_finite", 20, [20, "0000807f"]],
  ["an empty name", "empty_name", boneNameAt, [boneNameAt, "00"]],
  ["a name of 65 bytes", "too_large", boneNameAt, [boneNameAt, "41"]],
  ["a name that is not UTF-8", "invalid_utf8", boneNameAt, [boneNameAt + 1, "c0"]],
  ["a name with a zero byte", "invalid_utf8", boneNameAt, [boneNameAt + 2, "00"]],
  ["a parent that is no bone", "out_of_range", boneParentAt, [boneParentAt, "0400"]],
  // Of several faults the first in the order of the bytes is told.
  ["another version and an unknown flag", "unsupported_version", 0, [0, "0204"]],
  ["an unknown flag and a weight scale of 0", "unsupported_version", 1, [1, "0400000000"]],
  ["a weight scale of 0 and 1,025 bones", "out_of_range", 2, [2, "000000000104"]],
  ["1,025 bones and 1,025 blend shapes", "too_many_bones", 6, [6, "01040104"]],
  [
    "an empty name and a parent that is no bone",
    "empty_name",
    boneNameAt,
    [boneNameAt, "00"],
    [boneParentAt, "0400"],
  ],
  [
    "a parent that is no bone and a step of 0",
    "out_of_range",
    boneParentAt,
    [boneParentAt, "04000000"],
  ],
];

function written(hex: string, changes: readonly Change[]): string {
  const bytes = Uint8Array.fromHex(hex);
  for (const [at, change] of changes) bytes.set(Uint8Array.fromHex(change), at);
  return bytes.toHex();
}

/** Skeleton messages with a fault, made from a good one. */
export function invalidSkeletons(good: string): InvalidSkeleton[] {
  const length = good.length / 2;
  const changed = skeletonFaults.map(([name, code, byteOffset, ...changes]) => {
    return { name, skeleton: written(good, changes), code, byteOffset };
  });
  // The last but one name is as long as the first 7 bytes of the last name.
  const twice = good.replace(Buffer.from("\x0ceyeBlinkLeft").toString("hex"), "076a61774f70656e");
  const faults: InvalidSkeleton[] = [
    ...changed,
    {
      name: "a name twice",
      skeleton: twice,
      code: "duplicate_name",
      byteOffset: twice.length / 2 - 8,
    },
    {
      name: "as many bones as there may be, and the end",
      skeleton: "01000000803f00040000",
      code: "truncated",
      byteOffset: 10,
    },
    {
      name: "as many blend shapes as there may be, and the end",
      skeleton: "01000000803f00000004",
      code: "truncated",
      byteOffset: 10,
    },
    { name: "one byte of a count", skeleton: good.slice(0, 14), code: "truncated", byteOffset: 7 },
    { name: "no bytes", skeleton: "", code: "truncated", byteOffset: 0 },
    {
      name: "the last byte is missing",
      skeleton: good.slice(0, -2),
      code: "truncated",
      byteOffset: length - 1,
    },
    { name: "a byte more", skeleton: `${good}00`, code: "trailing_bytes", byteOffset: length },
  ];
  for (const { skeleton, code, byteOffset, name } of faults) {
    const error = errorOf(() => decodeSkeleton(Uint8Array.fromHex(skeleton)));
    if (
      error?.code === code &&
      "byteOffset" in error.place &&
      error.place.byteOffset === byteOffset
    )
      continue;
    throw new Error(`${name}: ${error?.code} ${error?.message}`);
  }
  return faults;
}

/** Frames with a fault, made from the stream of this skeleton and these frames. */
export function invalidFrames(
  skeletonHex: string,
  frames: readonly Pick<FrameVector, "layer" | "isKey" | "number" | "payload">[],
): InvalidFrame[] {
  const skeleton = decodeSkeleton(Uint8Array.fromHex(skeletonHex));
  const key = { layer: 0, isKey: true, number: 0 };
  const header = (at: number) => {
    const { layer, isKey, number } = frames[at];
    return { layer, isKey, number };
  };
  const coded = (steps: readonly Step[]): string => {
    const coder = new RangeEncoder(streamModels(), payloadBytesMax(skeleton));
    coder.start();
    for (const [kind, table, value] of steps) coder[kind](table, value);
    return coder.finish().toHex();
  };
  /** The error of the decoder for a payload after the first `after` frames. */
  const read = ({ after, payload, ...head }: Omit<InvalidFrame, "code" | "name">) => {
    const decoder = new StreamDecoder(skeleton);
    const decode = (frame: StreamFrameHeader, hex: string) =>
      decoder.decode(frame, Uint8Array.fromHex(hex), null);
    for (const frame of frames.slice(0, after)) decode(frame, frame.payload);
    let result: string = "";
    const error = errorOf(() => (result = decode(head, payload)));
    return { code: error?.code ?? result, message: error?.message ?? "" };
  };
  /** The first of these payloads that is refused with this message. */
  const search = (after: number, words: string, payloads: readonly string[]): string => {
    const found = payloads.find((payload) =>
      read({ after, payload, ...header(after) }).message.includes(words),
    );
    if (found === undefined) throw new Error(`no payload is refused with: ${words}`);
    return found;
  };
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte).toHex());

  // The beginning of a good payload, followed by the end of the remaining interval.
  const tails = Array.from(
    { length: frames[1].payload.length / 2 },
    (_, at) => `${frames[1].payload.slice(0, 2 * at)}ffffffff`,
  );

  // A keyframe that begins with the root: its rotation, position and scale.
  const started: Step[] = [["symbol", FlagTable.HasBefore, 0]];
  const residual = (set: TableSet, value: number): Step => ["residual", set * CLASS_COUNT, value];
  const turnMax = Math.ceil(Math.sqrt(skeleton.turnSquaresMax[0])) + 1;
  const turned: Step[] = Array.from({ length: 3 }, () => residual(TableSet.RotationKey, 0));
  const atRest: Step = ["symbol", FlagTable.GroupLeavesKey, 0];
  // The root alone is a group: nothing more tells that it leaves.
  const leaves: Step = ["symbol", FlagTable.GroupLeavesKey, 1];
  const beyond = residual(TableSet.OffsetKey, OFFSET_STEPS_MAX + 1);
  const bones = Array.from({ length: skeleton.transformCount - 1 }, () => turned).flat();
  const weight = residual(TableSet.WeightKey, WEIGHT_STEPS_MAX + 1);
  const faults: InvalidFrame[] = [
    {
      name: "a keyframe that is not of layer 0, before any other",
      after: 0,
      ...header(1),
      isKey: true,
      payload: frames[0].payload,
      code: "bad_header",
    },
    {
      name: "a keyframe that is not of layer 0",
      after: 1,
      ...header(1),
      isKey: true,
      payload: frames[0].payload,
      code: "bad_header",
    },
    {
      name: "a delta before any keyframe",
      after: 0,
      ...header(4),
      payload: frames[4].payload,
      code: "unknown_reference",
    },
    {
      name: "a frame of layer 0 that skips one",
      after: 4,
      ...header(8),
      payload: frames[8].payload,
      code: "unknown_reference",
    },
    {
      name: "the second frame of layer 2 without that of layer 1",
      after: 2,
      ...header(3),
      payload: frames[3].payload,
      code: "unknown_reference",
    },
    {
      name: "a zero byte at the end",
      after: 1,
      ...header(1),
      payload: `${frames[1].payload}00`,
      code: "not_canonical",
    },
    {
      name: "bytes too many",
      after: 1,
      ...header(1),
      payload: `${frames[1].payload}0101010101010101`,
      code: "trailing_bytes",
    },
    // Zeros up to a byte that is read in part, or not at all.
    ...["01", "02", "000001", "00000001", "0000000001", "000000000001"].map((end) => ({
      name: `${end} after the end`,
      after: 1,
      ...header(1),
      payload: `${frames[1].payload}${end}`,
      code: read({ after: 1, ...header(1), payload: `${frames[1].payload}${end}` }).code as
        | "trailing_bytes"
        | "not_canonical",
    })),
    {
      name: "another number of the same interval",
      after: 12,
      ...header(12),
      payload: search(12, "shortest form", bytes),
      code: "not_canonical",
    },
    {
      name: "a number that no symbol owns",
      after: 1,
      ...header(1),
      payload: search(1, "no symbol", tails),
      code: "not_canonical",
    },
    {
      name: "a rotation beyond its range",
      after: 0,
      ...key,
      payload: coded([...started, residual(TableSet.RotationKey, turnMax)]),
      code: "out_of_range",
    },
    {
      name: "a rotation beyond its range, and a zero byte at the end",
      after: 0,
      ...key,
      payload: `${coded([...started, residual(TableSet.RotationKey, turnMax)])}00`,
      code: "out_of_range",
    },
    {
      name: "a position beyond its range on the other side",
      after: 0,
      ...key,
      payload: coded([
        ...started,
        ...turned,
        leaves,
        residual(TableSet.OffsetKey, -OFFSET_STEPS_MAX - 1),
      ]),
      code: "out_of_range",
    },
    {
      name: "a position beyond its range",
      after: 0,
      ...key,
      payload: coded([...started, ...turned, leaves, beyond]),
      code: "out_of_range",
    },
    {
      name: "a scale beyond its range",
      after: 0,
      ...key,
      payload: coded([...started, ...turned, atRest, leaves, beyond]),
      code: "out_of_range",
    },
    {
      name: "a weight beyond its range",
      after: 0,
      ...key,
      payload: coded([...started, ...turned, atRest, atRest, ...bones, atRest, atRest, weight]),
      code: "out_of_range",
    },
    {
      name: "a weight beyond its range on the other side",
      after: 0,
      ...key,
      payload: coded([
        ...started,
        ...turned,
        atRest,
        atRest,
        ...bones,
        atRest,
        atRest,
        residual(TableSet.WeightKey, -WEIGHT_STEPS_MAX - 1),
      ]),
      code: "out_of_range",
    },
  ];
  for (const { name, code, ...fault } of faults) {
    const found = read(fault);
    if (found.code !== code) throw new Error(`${name}: ${found.code} ${found.message}`);
  }
  return faults;
}

function errorOf(run: () => unknown): DecodeError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}
