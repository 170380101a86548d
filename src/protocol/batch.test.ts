import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeAck } from "./ack.ts";
import { ageCodeOf, captureTimeUsOf, EntryKind, revisionByNumber } from "./batch-entry.ts";
import { BatchReader } from "./batch-reader.ts";
import { BatchWriter } from "./batch-writer.ts";
import { messageTypeOf } from "./data.ts";
import { ProtocolError } from "./errors.ts";
import {
  createFrameHeader,
  FRAME_HEADER_BYTES,
  readFrameHeader,
  writeFrameHeader,
} from "./frame-header.ts";

const VARINT_MAX = 2 ** 35 - 1;
/** 2026, in microseconds. */
const NOW_US = 1_790_000_000_000_000;

const anyPayload = fc.uint8Array({ maxLength: 300 });
const anyEntry = fc.oneof(
  fc.record(
    {
      kind: fc.constant(EntryKind.Frame),
      frame: fc.record(
        {
          isKey: fc.boolean(),
          number: fc.nat({ max: 255 }),
          teleports: fc.nat({ max: 3 }),
        },
        { noNullPrototype: true },
      ),
      revision: fc.option(fc.nat({ max: VARINT_MAX })),
      // Whole units of an age, before the batch or after it.
      captureTimeUs: fc
        .integer({ min: -40_000_000, max: 100_000 })
        .map((age) => NOW_US + age * 100),
      payload: anyPayload,
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      kind: fc.constant(EntryKind.Skeleton),
      id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      payload: anyPayload,
    },
    { noNullPrototype: true },
  ),
  fc.record({ kind: fc.constant(EntryKind.OutOfSight) }, { noNullPrototype: true }),
);
const anyBatch = fc
  .record(
    {
      sequence: fc.nat({ max: 2 ** 32 - 1 }),
      isFullState: fc.boolean(),
      entries: fc.array(fc.tuple(fc.nat({ max: 100_000 }), anyEntry), { maxLength: 40 }),
    },
    { noNullPrototype: true },
  )
  .map(({ sequence, isFullState, entries }) => ({
    sequence,
    serverTimeUs: NOW_US,
    isFullState,
    entries: entries.toSorted(([a], [b]) => a - b),
  }));
type AnyBatch = typeof anyBatch extends fc.Arbitrary<infer T> ? T : never;
type AnyEntry = AnyBatch["entries"][number][1];

const writer = new BatchWriter();

function write(batch: AnyBatch): Uint8Array<ArrayBuffer> {
  writer.begin(batch);
  for (const [index, entry] of batch.entries) {
    switch (entry.kind) {
      case EntryKind.Frame: {
        const { frame, captureTimeUs, revision, payload } = entry;
        writer.addFrame(index, { ...frame, captureTimeUs }, revision, payload);
        break;
      }
      case EntryKind.Skeleton:
        writer.addSkeleton(index, entry.id, entry.payload.length === 0 ? null : entry.payload);
        break;
      case EntryKind.OutOfSight:
        writer.addOutOfSight(index);
    }
  }
  const frames = batch.entries.filter(([, { kind }]) => kind === EntryKind.Frame);
  expect(writer.frameCount).toBe(frames.length);
  return writer.finish().slice();
}

function read(bytes: Uint8Array<ArrayBuffer>): AnyBatch {
  const reader = new BatchReader(bytes);
  const { sequence, serverTimeUs, isFullState } = reader;
  const entries: [number, AnyEntry][] = [];
  while (reader.next()) entries.push([reader.playerIndex, entryOf(reader)]);
  return { sequence, serverTimeUs, isFullState, entries };
}

function entryOf(reader: BatchReader): AnyEntry {
  const { kind, revision, captureTimeUs } = reader;
  switch (kind) {
    case EntryKind.Frame:
      return {
        kind,
        frame: { ...reader.frame },
        revision,
        captureTimeUs,
        payload: reader.payload.slice(),
      };
    case EntryKind.Skeleton:
      return { kind, id: reader.skeletonId, payload: reader.payload.slice() };
    case EntryKind.OutOfSight:
      return { kind };
  }
}

/** The same bytes at an odd place in a larger buffer, between others. */
function embedded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const outer = new Uint8Array(bytes.length + 11).fill(0xa5);
  outer.set(bytes, 7);
  return outer.subarray(7, 7 + bytes.length);
}

const EMPTY = { sequence: 0, serverTimeUs: NOW_US, isFullState: false, entries: [] };

describe("batches", () => {
  test("a batch is read as it was written, also from the middle of a buffer", () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const bytes = write(batch);
        expect(read(bytes)).toEqual(batch);
        expect(read(embedded(bytes))).toEqual(batch);
      }),
    );
  });

  test("entries have the bytes of the grammar", () => {
    writer.begin({ sequence: 1, serverTimeUs: 20_000, isFullState: true });
    const frame = { isKey: true, number: 9, teleports: 2, captureTimeUs: 10_000 };
    writer.addSkeleton(300, 0x0102030405060708n, null);
    writer.addFrame(300, frame, 127, Uint8Array.of(0xaa));
    writer.addFrame(300, { ...frame, isKey: false, captureTimeUs: 20_100 }, null, new Uint8Array());
    writer.addOutOfSight(301);
    const batch = ["13", "01000000", "000000000088d340"];
    // Varints: 300 is 2 x 128 + 44. The age of 100 x 100 us is 200, that of -1 x 100 us is 1.
    const skeleton = ["ac02", "01", "0102030405060708", "00"];
    const whole = ["00", "b2", "09", "7f", "c801", "01", "aa"];
    const short = ["00", "82", "09", "01", "00"];
    const expected = [batch, skeleton, whole, short, ["01", "03"]].flat().join("");
    expect(writer.finish().toHex()).toBe(expected);
  });

  test("[S14] an ordinary frame has 6 bytes beside its payload, in a batch with 13 of its own", () => {
    writer.begin(EMPTY);
    for (let index = 0; index < 100; index++) {
      const frame = { isKey: false, number: 7, teleports: 1, captureTimeUs: NOW_US - 700_000 };
      writer.addFrame(index, frame, null, new Uint8Array(50));
    }
    expect(writer.finish()).toHaveLength(13 + 100 * (6 + 50));
  });

  test("[S48] players come in ascending order", () => {
    writer.begin(EMPTY);
    writer.addOutOfSight(2);
    expect(() => writer.addOutOfSight(1)).toThrow(RangeError);
  });

  test("a batch larger than the writer's first memory keeps every byte", () => {
    const payload = Uint8Array.from({ length: 3000 }, (_, at) => at);
    const entries = Array.from({ length: 200 }, (_, index) => {
      const frame = { isKey: true, number: 1, teleports: 0 };
      const entry = { frame, revision: index * 1000, captureTimeUs: NOW_US, payload };
      return [index, { kind: EntryKind.Frame, ...entry }] as [number, AnyEntry];
    });
    const batch = { ...EMPTY, sequence: 5, entries };
    expect(read(write(batch))).toEqual(batch);
    expect(read(write(EMPTY))).toEqual(EMPTY);
  });

  test("[S47] a varint of 5 bytes is read, a sixth is refused", () => {
    const head = write(EMPTY);
    const withIndex = (...varint: number[]) =>
      new BatchReader(Uint8Array.of(...head, ...varint, 3));
    const reader = withIndex(0xff, 0xff, 0xff, 0xff, 0x7f);
    expect(reader.next()).toBe(true);
    expect(reader.playerIndex).toBe(VARINT_MAX);
    expect(reader.next()).toBe(false);
    expect(() => withIndex(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).next()).toThrow("5 bytes");
  });

  test("[S50] an entry that is longer than the batch, or of an unknown kind, is refused", () => {
    const head = write(EMPTY);
    for (const entry of [[0], [0, 0x02], [0, 0x02, 0, 0], [0, 0x02, 0, 0, 1], [0, 0x01, 1, 2, 3]]) {
      expect(() => new BatchReader(Uint8Array.of(...head, ...entry)).next()).toThrow(ProtocolError);
    }
    for (const kind of [0, 4, 15]) {
      const reader = new BatchReader(Uint8Array.of(...head, 0, kind, 0, 0, 0));
      expect(() => reader.next()).toThrow(`byte 14: an entry of kind ${kind}`);
    }
  });

  test("[S50] a batch that is cut anywhere but between entries is refused", () => {
    fc.assert(
      fc.property(anyBatch, fc.nat({ max: 9999 }), (batch, position) => {
        const whole = write(batch);
        const cut = whole.slice(0, position % whole.length);
        try {
          // The cut fell between two entries: what is there is right.
          expect(batch.entries.slice(0, read(cut).entries.length)).toEqual(read(cut).entries);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe("ages", () => {
  test("[S12b] [S49] a capture time is off by 50 us at most, and bounded at 19 days", () => {
    fc.assert(
      fc.property(fc.double({ min: -1.7e12, max: 1.7e12, noNaN: true }), (ageUs) => {
        const captureTimeUs = NOW_US - ageUs;
        const decodedUs = captureTimeUsOf(NOW_US, ageCodeOf(NOW_US, captureTimeUs));
        expect(Math.abs(decodedUs - captureTimeUs)).toBeLessThanOrEqual(50.5);
      }),
    );
    expect(ageCodeOf(NOW_US, 0)).toBeLessThanOrEqual(VARINT_MAX);
    expect(ageCodeOf(0, NOW_US)).toBeLessThanOrEqual(VARINT_MAX);
  });
});

describe("revisions", () => {
  test("[S14d] numbers that wrap at 256 lead from one revision to the next, 127 ahead or 128 back", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1_000_000 }),
        fc.nat({ max: 255 }),
        fc.integer({ min: -128, max: 127 }),
        (revision, number, step) => {
          const next = (number + step) & 0xff;
          expect(revisionByNumber({ revision, number }, next)).toBe(revision + step);
        },
      ),
    );
  });
});

describe("fuzz", () => {
  const mutated = fc
    .tuple(
      anyBatch,
      fc.array(fc.tuple(fc.nat({ max: 99_999 }), fc.nat({ max: 255 })), { maxLength: 8 }),
      fc.nat({ max: 99_999 }),
    )
    .map(([batch, changes, length]) => {
      const bytes = write(batch);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes.slice(0, 1 + (length % (2 * bytes.length)));
    });
  const noise = fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 0x13, 0xff), fc.uint8Array({ maxLength: 64 }))
    .map(([type, rest]) => Uint8Array.of(type, ...rest));

  test("whatever bytes come, only ProtocolError escapes, and the readers are as good as before", () => {
    const header = createFrameHeader();
    const good = { isKey: true, number: 3, teleports: 1, captureTimeUs: 4 };
    const goodBytes = new Uint8Array(FRAME_HEADER_BYTES);
    writeFrameHeader(good, goodBytes, 0);
    fc.assert(
      fc.property(fc.oneof(mutated, noise), (bytes) => {
        const before = bytes.slice();
        for (const decode of [
          () => messageTypeOf(bytes),
          () => readFrameHeader(bytes, 0, header),
          () => decodeAck(bytes),
          () => read(bytes),
        ]) {
          try {
            decode();
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
        expect(bytes).toEqual(before);
        expect(readFrameHeader(goodBytes, 0, header)).toEqual(good);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("entries that are kept", () => {
  const keeper = new BatchWriter();

  test("are the same bytes in every batch of their time as if they were added to it", () => {
    fc.assert(
      fc.property(anyBatch, fc.nat({ max: 4 }), (batch, skipped) => {
        keeper.beginKeeping(batch.serverTimeUs);
        const kept = batch.entries.flatMap(([index, entry]) => {
          if (entry.kind !== EntryKind.Frame) return [];
          const { frame, captureTimeUs, revision, payload } = entry;
          const number = keeper.keepFrame({ ...frame, captureTimeUs }, revision, payload);
          return [{ index, entry, number, bytes: keeper.keptBytes(number) }];
        });
        // Two batches of different players, one after another.
        for (const some of [kept, kept.slice(skipped)]) {
          keeper.begin(batch);
          for (const { index, number } of some) keeper.addKept(index, number);
          const entries = some.map(({ index, entry }): [number, AnyEntry] => [index, entry]);
          const bytes = keeper.finish().slice();
          expect(bytes).toEqual(write({ ...batch, entries }));
          expect(keeper.frameCount).toBe(some.length);
          const stepBytes = bytes.length - 13 - some.reduce((sum, each) => sum + each.bytes, 0);
          expect(stepBytes).toBeWithin(some.length, 3 * some.length + 1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
