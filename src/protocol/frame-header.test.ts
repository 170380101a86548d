import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MessageType } from "./data.ts";
import {
  createFrameHeader,
  FRAME_HEADER_BYTES,
  readFrameHeader,
  writeFrameHeader,
} from "./frame-header.ts";
import type { FrameHeader } from "./frame-header.ts";

const anyHeader: fc.Arbitrary<FrameHeader> = fc.record(
  {
    isKey: fc.boolean(),
    number: fc.nat({ max: 255 }),
    teleports: fc.nat({ max: 3 }),
    captureTimeUs: fc.option(fc.nat({ max: 2 ** 32 - 1 })),
  },
  { noNullPrototype: true },
);

describe("frames", () => {
  test("a header is read as it was written, at any offset", () => {
    fc.assert(
      fc.property(anyHeader, fc.nat({ max: 20 }), (header, at) => {
        const bytes = new Uint8Array(at + FRAME_HEADER_BYTES + 3);
        writeFrameHeader(header, bytes, at);
        expect(readFrameHeader(bytes, at, createFrameHeader())).toEqual(header);
        expect(bytes.subarray(0, at).every((byte) => byte === 0)).toBe(true);
        expect(bytes.subarray(at + FRAME_HEADER_BYTES)).toEqual(new Uint8Array(3));
      }),
    );
  });

  test("the header's bits are where the table has them", () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    const header = { isKey: true, number: 7, teleports: 2, captureTimeUs: 0x04030201 };
    writeFrameHeader(header, bytes, 0);
    expect([...bytes]).toEqual([0x92, 7, 1, 2, 3, 4]);
    const other = { isKey: false, number: 300, teleports: 0, captureTimeUs: null };
    writeFrameHeader(other, bytes, 0);
    expect([...bytes]).toEqual([0x22, 300 - 256, 0, 0, 0, 0]);
  });

  test("[S12] a capture time with a fraction is written without it", () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    const captureTimeUs = 2 ** 32 - 0.25;
    writeFrameHeader({ ...createFrameHeader(), captureTimeUs }, bytes, 0);
    expect(readFrameHeader(bytes, 0, createFrameHeader()).captureTimeUs).toBe(2 ** 32 - 1);
  });

  test("[S4] a header that is cut off or is no frame's is refused", () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    writeFrameHeader(createFrameHeader(), bytes, 0);
    for (let length = 0; length < FRAME_HEADER_BYTES; length++) {
      const cut = bytes.subarray(0, length);
      expect(() => readFrameHeader(cut, 0, createFrameHeader())).toThrow(`byte ${length}`);
    }
    bytes[0] = MessageType.Batch;
    expect(() => readFrameHeader(bytes, 0, createFrameHeader())).toThrow("expected a frame");
  });
});
