import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CloseCode } from "./close-codes.ts";
import {
  BatchReader,
  BatchWriter,
  decodeAck,
  encodeAck,
  FRAME_HEADER_BYTES,
  MessageType,
  messageTypeOf,
  readFrameHeader,
  writeFrameHeader,
} from "./data.ts";
import type { FrameHeader } from "./data.ts";
import { ProtocolError } from "./errors.ts";

const u32 = fc.nat({ max: 2 ** 32 - 1 });
const anyHeader: fc.Arbitrary<FrameHeader> = fc.record(
  {
    layer: fc.nat({ max: 3 }),
    isKey: fc.boolean(),
    number: fc.nat({ max: 255 }),
    captureTimeUs: fc.option(u32),
  },
  { noNullPrototype: true },
);
const blankHeader = (): FrameHeader => ({ layer: 0, isKey: false, number: 0, captureTimeUs: 0 });

const VARINT_MAX = 2 ** 35 - 1;
const anyEntry = fc.record(
  {
    playerIndex: fc.nat({ max: 100_000 }),
    revision: fc.nat({ max: VARINT_MAX }),
    header: anyHeader,
    payload: fc.uint8Array({ maxLength: 300 }),
  },
  { noNullPrototype: true },
);
const anyBatch = fc.record(
  {
    sequence: u32,
    serverTimeUs: fc.double({ noNaN: true }),
    isFullState: fc.boolean(),
    entries: fc.array(anyEntry, { maxLength: 40 }),
  },
  { noNullPrototype: true },
);
type AnyBatch = typeof anyBatch extends fc.Arbitrary<infer T> ? T : never;

const writer = new BatchWriter();

function write(batch: AnyBatch): Uint8Array<ArrayBuffer> {
  writer.begin(batch);
  for (const { playerIndex, revision, header, payload } of batch.entries) {
    writer.add(playerIndex, revision, header, payload);
  }
  expect(writer.entryCount).toBe(batch.entries.length);
  return writer.finish().slice();
}

function read(bytes: Uint8Array<ArrayBuffer>): AnyBatch {
  const reader = new BatchReader(bytes);
  const { sequence, serverTimeUs, isFullState } = reader;
  const entries = [];
  while (reader.next()) {
    const { playerIndex, revision, header, payload } = reader;
    entries.push({ playerIndex, revision, header: { ...header }, payload: payload.slice() });
  }
  return { sequence, serverTimeUs, isFullState, entries };
}

/** The same bytes at an odd place in a larger buffer, between others. */
function embedded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const outer = new Uint8Array(bytes.length + 11).fill(0xa5);
  outer.set(bytes, 7);
  return outer.subarray(7, 7 + bytes.length);
}

describe("frames", () => {
  test("a header is read as it was written, at any offset", () => {
    fc.assert(
      fc.property(anyHeader, fc.nat({ max: 20 }), (header, at) => {
        const bytes = new Uint8Array(at + FRAME_HEADER_BYTES + 3);
        writeFrameHeader(header, bytes, at);
        expect(readFrameHeader(bytes, at, blankHeader())).toEqual(header);
        expect(bytes.subarray(0, at).every((byte) => byte === 0)).toBe(true);
        expect(bytes.subarray(at + FRAME_HEADER_BYTES)).toEqual(new Uint8Array(3));
      }),
    );
  });

  test("the header's bits are where the table has them", () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    writeFrameHeader({ layer: 2, isKey: true, number: 7, captureTimeUs: 0x04030201 }, bytes, 0);
    expect([...bytes]).toEqual([0x62, 7, 1, 2, 3, 4]);
    writeFrameHeader({ layer: 0, isKey: false, number: 300, captureTimeUs: null }, bytes, 0);
    expect([...bytes]).toEqual([0x82, 300 - 256, 0, 0, 0, 0]);
  });

  test("[S12] a capture time with a fraction is written without it", () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    const captureTimeUs = 2 ** 32 - 0.25;
    writeFrameHeader({ layer: 0, isKey: true, number: 0, captureTimeUs }, bytes, 0);
    expect(readFrameHeader(bytes, 0, blankHeader()).captureTimeUs).toBe(2 ** 32 - 1);
  });

  test("[S4] a header that is cut off or is no frame's is refused", () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    writeFrameHeader(blankHeader(), bytes, 0);
    for (let length = 0; length < FRAME_HEADER_BYTES; length++) {
      const cut = bytes.subarray(0, length);
      expect(() => readFrameHeader(cut, 0, blankHeader())).toThrow(`byte ${length}`);
    }
    bytes[0] = MessageType.Batch;
    expect(() => readFrameHeader(bytes, 0, blankHeader())).toThrow("expected a frame");
  });
});

describe("acknowledgements", () => {
  test("a sequence is read as it was written", () => {
    fc.assert(
      fc.property(u32, (sequence) => expect(decodeAck(encodeAck(sequence))).toBe(sequence)),
    );
    expect([...encodeAck(0x87654321)]).toEqual([4, 0x21, 0x43, 0x65, 0x87]);
  });

  test("[S4] any length but 5 bytes is refused", () => {
    for (const length of [1, 4, 6]) {
      expect(() => decodeAck(new Uint8Array(length).fill(4))).toThrow(ProtocolError);
    }
  });
});

describe("types", () => {
  test("the low 4 bits of the first byte tell the type", () => {
    for (const type of Object.values(MessageType)) {
      expect(messageTypeOf(Uint8Array.of(type))).toBe(type);
      expect(messageTypeOf(Uint8Array.of(type | 0xf0))).toBe(type);
    }
  });

  test("[S4] an empty message and an unknown type are told apart", () => {
    const codeOf = (bytes: Uint8Array) => {
      try {
        return messageTypeOf(bytes);
      } catch (error) {
        return (error as ProtocolError).closeCode;
      }
    };
    expect(codeOf(new Uint8Array(0))).toBe(CloseCode.BadMessage);
    for (const type of [0, 5, 15, 0xf0]) {
      expect(codeOf(Uint8Array.of(type))).toBe(CloseCode.UnknownMessageType);
    }
  });
});

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

  test("an entry has the bytes of the grammar", () => {
    const header = { layer: 0, isKey: true, number: 9, captureTimeUs: 1 };
    writer.begin({ sequence: 1, serverTimeUs: 0, isFullState: true });
    writer.add(300, 127, header, Uint8Array.of(0xaa));
    // Varints: 300 is 2 x 128 + 44, 127 fits a byte, the length counts the 6 bytes of the header.
    const batch = ["13", "01000000", "0000000000000000"];
    const entry = ["ac02", "7f", "07", "42", "09", "01000000", "aa"];
    expect(writer.finish().toHex()).toBe([...batch, ...entry].join(""));
  });

  test("a batch larger than the writer's first memory keeps every byte", () => {
    const payload = Uint8Array.from({ length: 3000 }, (_, at) => at);
    const entries = Array.from({ length: 200 }, (_, playerIndex) => ({
      playerIndex,
      revision: playerIndex * 1000,
      header: blankHeader(),
      payload,
    }));
    const batch = { sequence: 5, serverTimeUs: 6, isFullState: false, entries };
    expect(read(write(batch))).toEqual(batch);
    const empty = { ...batch, entries: [] };
    expect(read(write(empty))).toEqual(empty);
  });

  test("a varint of 5 bytes is read, a sixth is refused", () => {
    const head = write({ sequence: 0, serverTimeUs: 0, isFullState: false, entries: [] });
    const withIndex = (...varint: number[]) =>
      Uint8Array.of(...head, ...varint, 0, FRAME_HEADER_BYTES, 2, 0, 0, 0, 0, 0);
    const reader = new BatchReader(withIndex(0xff, 0xff, 0xff, 0xff, 0x7f));
    expect(reader.next()).toBe(true);
    expect(reader.playerIndex).toBe(VARINT_MAX);
    expect(reader.next()).toBe(false);
    const tooLong = new BatchReader(withIndex(0x80, 0x80, 0x80, 0x80, 0x80, 0x00));
    expect(() => tooLong.next()).toThrow("5 bytes");
  });

  test("an entry that says it is longer than the batch, or shorter than a header, is refused", () => {
    const head = write({ sequence: 0, serverTimeUs: 0, isFullState: false, entries: [] });
    for (const length of [0, 5, 7, 100]) {
      const bytes = Uint8Array.of(...head, 0, 0, length, 2, 0, 0, 0, 0, 0);
      expect(() => new BatchReader(bytes).next()).toThrow(ProtocolError);
    }
  });

  test("a batch that is cut anywhere but between entries is refused", () => {
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
    const header = blankHeader();
    const good: FrameHeader = { layer: 1, isKey: true, number: 3, captureTimeUs: 4 };
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
