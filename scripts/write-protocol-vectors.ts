// Writes vectors/protocol.json: data messages with what is in them, and messages that are to be refused.
//
//   bun scripts/write-protocol-vectors.ts
import { join } from "node:path";
import { captureTimeOf, encodeAck, revisionByNumber } from "../src/protocol/index.ts";
import {
  entriesRead,
  readBatchVector,
  refusalOf,
  writeBatchVector,
  writeFrameVector,
} from "../test/runtimes/protocol-vectors.ts";
import type {
  BatchVector,
  EntryVector,
  FrameMessageVector,
  InvalidMessage,
} from "../test/runtimes/protocol-vectors.ts";
import { createFrameHeader, decodeAck, readFrameHeader } from "../src/protocol/index.ts";

const TARGET = join(import.meta.dir, "../vectors/protocol.json");

/** A time in 2026, with a fraction as a server's clock has. */
const NOW_US = 1_790_000_000_000_250.5;
const SKELETON_ID = "0123456789abcdef";

const bytesOf = (hex: string) => Uint8Array.fromHex(hex);

const varints = [
  [0, "00"],
  [1, "01"],
  [127, "7f"],
  [128, "8001"],
  [300, "ac02"],
  [16_383, "ff7f"],
  [2 ** 31, "8080808008"],
  [2 ** 35 - 1, "ffffffff7f"],
  // Longer than needed.
  [5, "8500"],
].map(([value, hex]) => ({ value, hex }));

const MINUTE_US = 60e6;
const captureTimes = [
  0,
  20_000,
  69 * MINUTE_US,
  -900_000,
  // More than a second ahead: the arrival counts.
  -1_100_000,
  -59 * 1e6,
].map((ageUs) => {
  const arrivalUs = Math.floor(NOW_US);
  const low32 = (arrivalUs - ageUs) % 2 ** 32;
  return { low32, arrivalUs, captureTimeUs: captureTimeOf(low32, arrivalUs) };
});

const revisions = [
  [1000, 10, 11],
  [1000, 255, 0],
  [1000, 250, 14],
  [1000, 10, 137],
  [1000, 10, 138],
  [1000, 10, 9],
  [1000, 0, 128],
].map(([revision, lastNumber, number]) => {
  const last = { revision, number: lastNumber };
  return { last, number, revision: revisionByNumber(last, number) };
});

function frame(name: string, change: Partial<FrameMessageVector>): FrameMessageVector {
  const usual = { isKey: false, number: 0, teleports: 0, captureTime: 0, payload: "" };
  const whole = { ...usual, ...change };
  return { name, hex: writeFrameVector(whole), ...whole };
}

const frames = [
  frame("a keyframe", { isKey: true, captureTime: 4_000_000_000, payload: "c0ffee" }),
  frame("a delta", { number: 5, captureTime: 123_456, payload: "05" }),
  frame("without a payload", { number: 255, captureTime: 1 }),
  frame("a capture time that is not known", { number: 2, captureTime: null, payload: "aa" }),
  ...[1, 2, 3].map((teleports) => frame(`a teleport count of ${teleports}`, { teleports })),
];

function invalid(name: string, hex: string, read: (bytes: Uint8Array<ArrayBuffer>) => unknown) {
  const refusal = refusalOf(() => read(bytesOf(hex)));
  if (refusal === null) throw new Error(`${name} is read`);
  return { name, hex, ...refusal };
}

const readHeader = (bytes: Uint8Array) => readFrameHeader(bytes, 0, createFrameHeader());
const invalidFrames: InvalidMessage[] = [
  invalid("no bytes", "", readHeader),
  invalid("a header that is cut off", "1200000000", readHeader),
  invalid("another type", "140000000000", readHeader),
];
const invalidAcks: InvalidMessage[] = [
  invalid("a byte too few", "04000000", decodeAck),
  invalid("a byte too many", "040000000000", decodeAck),
];

function batch(
  name: string,
  entries: readonly EntryVector[],
  change: Partial<Omit<BatchVector, "name" | "hex" | "entries">> = {},
): BatchVector {
  const whole = { sequence: 1, serverTimeUs: NOW_US, isFullState: false, entries, ...change };
  const hex = writeBatchVector(whole);
  // An age has steps of 100 us: what a reader says of it.
  return { name, hex, ...readBatchVector(bytesOf(hex)) };
}

function frameEntry(
  index: number,
  change: Partial<NonNullable<EntryVector["frame"]>> = {},
  ageUs = 10_000,
): EntryVector {
  const usual = { isKey: false, number: 7, teleports: 0, revision: null, payload: "aabb" };
  return { index, frame: { ...usual, captureTimeUs: NOW_US - ageUs, ...change } };
}

const skeletonEntry = (index: number, payload: string): EntryVector => {
  return { index, skeleton: { id: SKELETON_ID, payload } };
};

/** A batch that only a reader has to do with. */
function onlyRead(name: string, hex: string): BatchVector {
  return { name, hex, ...readBatchVector(bytesOf(hex)), isOnlyRead: true };
}

const HEADER = batch("", []).hex;
const batches = [
  batch("without entries", []),
  batch("full state without entries, before the first batch", [], {
    sequence: 0,
    isFullState: true,
  }),
  batch("the last sequence before 0", [], { sequence: 2 ** 32 - 1 }),
  batch("an ordinary frame: 6 bytes beside its payload", [frameEntry(1)]),
  batch(
    "a newcomer's: skeleton, keyframe with its revision, frames after it",
    [
      skeletonEntry(3, "0102030405"),
      frameEntry(3, { isKey: true, number: 252, revision: 70_000, payload: "010203" }),
      frameEntry(3, { number: 253, payload: "" }),
      frameEntry(3, { number: 254 }),
    ],
    { isFullState: true, sequence: 77 },
  ),
  batch("a skeleton that the receiver holds", [
    skeletonEntry(0, ""),
    frameEntry(0, { isKey: true, number: 0, revision: 1 }),
  ]),
  batch("several players, one of them out of sight", [
    frameEntry(0),
    frameEntry(0, { number: 8 }),
    { index: 4, outOfSight: true },
    frameEntry(130, { teleports: 3 }),
    frameEntry(500, { number: 0, teleports: 1 }),
  ]),
  batch("capture times: the batch's, later, 0.8 s before, 40 minutes before", [
    frameEntry(0, {}, 0),
    frameEntry(1, {}, -20_000),
    frameEntry(2, {}, 819_100),
    frameEntry(3, {}, 40 * MINUTE_US),
  ]),
  batch("a payload of 300 bytes", [frameEntry(0, { payload: "5a".repeat(300) })]),
  batch("a revision of 35 bits", [frameEntry(0, { revision: 2 ** 35 - 1 })]),
  onlyRead("bits that have no meaning are ignored", `e3${HEADER.slice(2)}01f30041${SKELETON_ID}00`),
  onlyRead("a varint that is longer than needed", `${HEADER}810003`),
];
const invalidBatches: InvalidMessage[] = [
  ["no bytes", ""],
  ["a header that is cut off", HEADER.slice(0, -2)],
  ["another type", `14${HEADER.slice(2)}`],
  ["a step without a head", `${HEADER}00`],
  ["an entry of kind 0", `${HEADER}0000`],
  ["an entry of kind 4", `${HEADER}010301040000`],
  ["a frame without its number", `${HEADER}0002`],
  ["a frame without its age", `${HEADER}000207`],
  ["a frame without its revision", `${HEADER}002207`],
  ["a frame without its length", `${HEADER}00020700`],
  ["a payload that is cut off", `${HEADER}0002070003aabb`],
  ["a skeleton whose id is cut off", `${HEADER}0001${SKELETON_ID.slice(2)}`],
  ["a varint of 6 bytes", `${HEADER}80808080800003`],
  ["a varint that is cut off", `${HEADER}010380`],
].map(([name, hex]) => ({
  ...invalid(name, hex, readBatchVector),
  entries: entriesRead(bytesOf(hex)),
}));

const vectors = {
  description:
    "Data messages: what is in them, and which are refused. docs/protocol.md explains them, vectors/README.md the fields.",
  version: 1,
  varints,
  captureTimes,
  revisions,
  frames: { valid: frames, invalid: invalidFrames },
  acks: {
    valid: [0, 1, 258, 2 ** 32 - 1].map((sequence) => ({
      sequence,
      hex: encodeAck(sequence).toHex(),
    })),
    invalid: invalidAcks,
  },
  batches: { valid: batches, invalid: invalidBatches },
};
await Bun.write(TARGET, `${JSON.stringify(vectors, null, 2)}\n`);
