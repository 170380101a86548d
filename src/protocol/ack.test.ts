import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeAck, encodeAck } from "./ack.ts";
import { ProtocolError } from "./errors.ts";

const u32 = fc.nat({ max: 2 ** 32 - 1 });

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
