// The data messages of vectors/protocol.json in whatever runtime this is.
import {
  BatchReader,
  BatchWriter,
  captureTimeOf,
  createFrameHeader,
  decodeAck,
  encodeAck,
  EntryKind,
  FRAME_HEADER_BYTES,
  ProtocolError,
  readFrameHeader,
  revisionByNumber,
  skeletonIdOf,
  skeletonIdText,
  writeFrameHeader,
} from "../../src/protocol/index.ts";

/** An entry of a batch: one of the three. */
export interface EntryVector {
  readonly index: number;
  readonly frame?: {
    readonly isKey: boolean;
    readonly number: number;
    readonly teleports: number;
    /** Null: as far from the last one taken as the numbers are. */
    readonly revision: number | null;
    readonly captureTimeUs: number;
    readonly payload: string;
  };
  readonly skeleton?: { readonly id: string; readonly payload: string };
  readonly outOfSight?: true;
}

export interface BatchVector {
  readonly name: string;
  readonly hex: string;
  readonly sequence: number;
  readonly serverTimeUs: number;
  readonly isFullState: boolean;
  readonly entries: readonly EntryVector[];
  /** Readers accept these bytes, and no writer writes them. */
  readonly isOnlyRead?: true;
}

export interface FrameMessageVector {
  readonly name: string;
  readonly hex: string;
  readonly isKey: boolean;
  readonly number: number;
  readonly teleports: number;
  readonly captureTime: number | null;
  readonly payload: string;
}

export interface InvalidMessage {
  readonly name: string;
  readonly hex: string;
  readonly closeCode: number;
  readonly byteOffset: number;
  /** Of a batch: entries that are read before the fault. */
  readonly entries?: number;
}

export interface ProtocolVectors {
  readonly varints: readonly { readonly value: number; readonly hex: string }[];
  readonly captureTimes: readonly {
    readonly low32: number;
    readonly arrivalUs: number;
    readonly captureTimeUs: number;
  }[];
  readonly revisions: readonly {
    readonly last: { readonly revision: number; readonly number: number };
    readonly number: number;
    readonly revision: number;
  }[];
  readonly frames: {
    readonly valid: readonly FrameMessageVector[];
    readonly invalid: readonly InvalidMessage[];
  };
  readonly acks: {
    readonly valid: readonly { readonly sequence: number; readonly hex: string }[];
    readonly invalid: readonly InvalidMessage[];
  };
  readonly batches: {
    readonly valid: readonly BatchVector[];
    readonly invalid: readonly InvalidMessage[];
  };
}

// Node 22 has no Uint8Array.fromHex yet.
const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Everything that a reader says of a batch. */
export function readBatchVector(bytes: Uint8Array<ArrayBuffer>): Omit<BatchVector, "name" | "hex"> {
  const reader = new BatchReader(bytes);
  const { sequence, serverTimeUs, isFullState } = reader;
  const entries: EntryVector[] = [];
  while (reader.next()) entries.push(entryOf(reader));
  return { sequence, serverTimeUs, isFullState, entries };
}

function entryOf(reader: BatchReader): EntryVector {
  const { playerIndex: index, revision, captureTimeUs } = reader;
  switch (reader.kind) {
    case EntryKind.Frame: {
      const { isKey, number, teleports } = reader.frame;
      const payload = hexOf(reader.payload);
      return { index, frame: { isKey, number, teleports, revision, captureTimeUs, payload } };
    }
    case EntryKind.Skeleton:
      return {
        index,
        skeleton: { id: skeletonIdText(reader.skeletonId), payload: hexOf(reader.payload) },
      };
    case EntryKind.OutOfSight:
      return { index, outOfSight: true };
  }
}

/** The bytes of a batch. */
export function writeBatchVector(batch: Omit<BatchVector, "name" | "hex">): string {
  const writer = new BatchWriter();
  writer.begin(batch);
  for (const { index, frame, skeleton } of batch.entries) {
    if (frame !== undefined) {
      writer.addFrame(index, frame, frame.revision, bytesOf(frame.payload));
    } else if (skeleton !== undefined) {
      const payload = skeleton.payload === "" ? null : bytesOf(skeleton.payload);
      writer.addSkeleton(index, skeletonIdOf(skeleton.id), payload);
    } else writer.addOutOfSight(index);
  }
  return hexOf(writer.finish());
}

export function writeFrameVector(frame: Omit<FrameMessageVector, "name" | "hex">): string {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader({ ...frame, captureTimeUs: frame.captureTime }, bytes, 0);
  return hexOf(bytes) + frame.payload;
}

function readFrameVector(bytes: Uint8Array): Omit<FrameMessageVector, "name" | "hex"> {
  const { captureTimeUs, ...mark } = readFrameHeader(bytes, 0, createFrameHeader());
  const payload = hexOf(bytes.subarray(FRAME_HEADER_BYTES));
  return { ...mark, captureTime: captureTimeUs, payload };
}

/** The close code and the byte that a reader refuses a message with; null if it does not. */
export function refusalOf(
  read: () => unknown,
): { readonly closeCode: number; readonly byteOffset: number } | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const byteOffset = Number(/^byte (\d+):/.exec(error.message)?.[1]);
    return { closeCode: error.closeCode, byteOffset };
  }
}

/** A batch of one entry, out of sight, whose index is this varint. */
const batchOfIndex = (varint: string) => bytesOf(`03${"00".repeat(12)}${varint}03`);

/** What does not come out as the vectors say. */
export function wrongMessages(vectors: ProtocolVectors): string[] {
  const wrong: string[] = [];
  const check = (what: string, found: unknown, expected: unknown) => {
    if (sorted(found) !== sorted(expected)) wrong.push(`${what}: ${sorted(found)}`);
  };
  for (const { value, hex } of vectors.varints) {
    check(`varint ${hex}`, readBatchVector(batchOfIndex(hex)).entries[0].index, value);
  }
  for (const { low32, arrivalUs, captureTimeUs } of vectors.captureTimes) {
    check(`capture time ${low32}`, captureTimeOf(low32, arrivalUs), captureTimeUs);
  }
  for (const { last, number, revision } of vectors.revisions) {
    check(`revision of ${number}`, revisionByNumber(last, number), revision);
  }
  for (const { name, hex, ...frame } of vectors.frames.valid) {
    check(name, readFrameVector(bytesOf(hex)), frame);
    check(name, writeFrameVector(frame), hex);
  }
  for (const { sequence, hex } of vectors.acks.valid) {
    check(hex, decodeAck(bytesOf(hex)), sequence);
    check(hex, hexOf(encodeAck(sequence)), hex);
  }
  for (const { name, hex, isOnlyRead, ...batch } of vectors.batches.valid) {
    check(name, readBatchVector(bytesOf(hex)), batch);
    if (isOnlyRead === undefined) check(name, writeBatchVector(batch), hex);
  }
  for (const [{ invalid }, read] of [
    [vectors.frames, readFrameVector],
    [vectors.acks, decodeAck],
    [vectors.batches, readBatchVector],
  ] as const) {
    for (const { name, hex, closeCode, byteOffset } of invalid) {
      check(
        name,
        refusalOf(() => read(bytesOf(hex))),
        { closeCode, byteOffset },
      );
    }
  }
  for (const { name, hex, entries } of vectors.batches.invalid) {
    check(`entries of ${name}`, entriesRead(bytesOf(hex)), entries);
  }
  return wrong;
}

/** Entries before the fault. */
export function entriesRead(bytes: Uint8Array<ArrayBuffer>): number {
  let count = 0;
  refusalOf(() => {
    const reader = new BatchReader(bytes);
    while (reader.next()) count++;
  });
  return count;
}

/** As text, whatever the order of properties. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
