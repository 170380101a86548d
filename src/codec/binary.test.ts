import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { anyFrame, smallFrame } from "../../test/frames.ts";
import { BinaryDecoder, decodeBinary } from "./binary-decoder.ts";
import { BinaryEncoder, encodeBinary } from "./binary-encoder.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { AvatarFrame } from "./frame.ts";
import { createPose, poseOf, shortDecimal, skeletonOf } from "./frame.ts";

const inF32 = (frame: AvatarFrame) =>
  JSON.parse(JSON.stringify(frame), (_, value: unknown) =>
    typeof value === "number" ? Math.fround(value) : value,
  ) as AvatarFrame;

describe("round trip", () => {
  test("[B1] every frame comes back exact to f32", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeBinary(frame);
        const decoded = decodeBinary(bytes);
        expect(inF32(decoded)).toEqual(inF32(frame));
        expect(decoded.timestamp).toBe(frame.timestamp);
        expect(decoded.server_timestamp).toBe(frame.server_timestamp);
        expect(encodeBinary(decodeBinary(bytes))).toEqual(bytes);
      }),
    );
  });

  test("[B1] any f32 is its short decimal again, -0 and denormals included", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortDecimal(value))).toBe(value);
      }),
      { numRuns: 5000 },
    );
    for (const decimal of [0.1, 33.3, 99.9, 100.1, 1.008462, 123456.789, 0.00012]) {
      expect(shortDecimal(Math.fround(decimal))).toBe(decimal);
    }
    expect(shortDecimal(-0)).toBe(-0);
  });

  test("[B1] the skeleton object stays the same while the names do, and changes when one does", () => {
    const decoder = new BinaryDecoder();
    const first = decoder.decode(encodeBinary(smallFrame(1))).skeleton;
    const second = decoder.decode(encodeBinary(smallFrame(2)));
    expect(second.skeleton).toBe(first);
    expect(second.pose.root[0]).toBe(2);
    const renamed = smallFrame(3);
    renamed.bones[1].name = "Heae";
    expect(decoder.decode(encodeBinary(renamed)).skeleton.boneNames).toEqual(["Hips", "Heae"]);
    const shorter = smallFrame(4);
    shorter.blendShapes = [];
    expect(decoder.decode(encodeBinary(shorter)).skeleton.blendShapeNames).toEqual([]);
  });

  test("[B1] a frame at an odd offset of a larger buffer decodes the same", () => {
    const bytes = encodeBinary(smallFrame());
    const buffer = new Uint8Array(bytes.length + 7);
    buffer.set(bytes, 3);
    expect(decodeBinary(buffer.subarray(3, 3 + bytes.length))).toEqual(smallFrame());
  });

  test("an encoder writes one skeleton's poses into the buffer it is given", () => {
    const frame = smallFrame(5);
    const encoder = new BinaryEncoder(skeletonOf(frame));
    const pose = poseOf(frame, createPose(skeletonOf(frame)));
    const out = new Uint8Array(encoder.byteLength);
    expect(encoder.encode(pose, out)).toBe(out);
    expect(out).toEqual(encodeBinary(frame));
    pose.timestamp = Number.NaN;
    expect(() => encoder.encode(pose)).toThrow("$.timestamp");
    pose.root[2] = Number.NaN;
    expect(() => encoder.encode(pose)).toThrow(EncodeError);
  });

  test("an encoder refuses a pose of another size with both counts, and writes nothing", () => {
    const skeleton = skeletonOf(smallFrame());
    const encoder = new BinaryEncoder(skeleton);
    const out = new Uint8Array(encoder.byteLength);
    const { boneNames, blendShapeNames } = skeleton;
    for (const other of [boneNames.slice(1), [...boneNames, "Tail"]]) {
      expect(() => encoder.encode(createPose({ boneNames: other, blendShapeNames }), out)).toThrow(
        new RangeError(`the pose has ${other.length} bones and 1 blend shapes; expected 2 and 1`),
      );
    }
    expect(out).toEqual(new Uint8Array(encoder.byteLength));
  });
});

describe("refusals", () => {
  const valid = () => encodeBinary(smallFrame());

  test("[B2] every truncation and every extra byte is refused", () => {
    const bytes = valid();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeBinary(bytes.subarray(0, length))).toThrow(DecodeError);
    }
    expect(() => decodeBinary(new Uint8Array([...bytes, 0]))).toThrow("bytes too many");
  });

  test("[B4] of several faults the first in order is told", () => {
    // Two bones at 60 and 164, one blend shape at 272.
    const bytes = valid();
    const view = new DataView(bytes.buffer);
    const mend: [byteOffset: number, (good: Uint8Array) => void][] = [
      [56, () => view.setInt32(56, 2, true)],
      [268, () => view.setInt32(268, 1, true)],
      [bytes.length - 1, () => {}],
      [60, (good) => bytes.set(good.subarray(60, 124), 60)],
      [164, (good) => bytes.set(good.subarray(164, 228), 164)],
      [272, (good) => bytes.set(good.subarray(272, 336), 272)],
      [8, (good) => bytes.set(good.subarray(8, 12), 8)],
      [124, (good) => bytes.set(good.subarray(124, 128), 124)],
      [336, (good) => bytes.set(good.subarray(336, 340), 336)],
      [40, (good) => bytes.set(good.subarray(40, 48), 40)],
      [48, (good) => bytes.set(good.subarray(48, 56), 48)],
    ];
    for (const at of [8, 124, 336]) view.setFloat32(at, Number.NaN, true);
    for (const at of [40, 48]) view.setFloat64(at, Infinity, true);
    for (const at of [60, 164, 272]) bytes[at] = 0;
    for (const at of [56, 268]) view.setInt32(at, -1, true);
    for (const [index, [byteOffset, repair]] of mend.entries()) {
      // The length comes after the counts and before the names.
      const part = index < 3 ? bytes.subarray(0, bytes.length - 1) : bytes;
      let thrown: unknown;
      try {
        decodeBinary(part);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ place: { byteOffset } });
      repair(valid());
    }
    expect(decodeBinary(bytes)).toEqual(decodeBinary(valid()));
  });

  test("[B6] a change in the padding of a known name is refused by the same decoder", () => {
    const decoder = new BinaryDecoder();
    decoder.decode(valid());
    for (const byte of [0x80, 0x01, 0x41]) {
      const bytes = valid();
      bytes[60 + 63] = byte;
      expect(() => decoder.decode(bytes)).toThrow("padded with zeros");
      expect(decoder.decode(valid()).pose.root[0]).toBe(1);
    }
  });

  test("[B5] a NaN or an infinity is named by its byte, anywhere", () => {
    const bytes = valid();
    const floats = [0, 9, 31, 40, 57, 66, 67 + 1 + 16];
    const decoder = new BinaryDecoder();
    for (const [index, at] of floats.entries()) {
      const bad = valid();
      const view = new DataView(bad.buffer);
      view.setFloat32(4 * at, [Number.NaN, Infinity, -Infinity][index % 3], true);
      let thrown: unknown;
      try {
        decoder.decode(bad);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "not_finite", place: { byteOffset: 4 * at } });
    }
    expect(decoder.decode(bytes).pose.root[0]).toBe(1);
    new DataView(bytes.buffer).setFloat64(40, Number.NaN, true);
    expect(() => decoder.decode(bytes)).toThrow("byte 40");
  });

  test("[B2] whatever bytes are changed, only a DecodeError escapes and the decoder still works", () => {
    const decoder = new BinaryDecoder();
    fc.assert(
      fc.property(
        anyFrame,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        fc.integer({ min: -8, max: 8 }),
        (frame, changes, grow) => {
          const good = encodeBinary(frame);
          const bytes = new Uint8Array(Math.max(0, good.length + grow));
          bytes.set(good.subarray(0, bytes.length));
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
          try {
            decoder.decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
          expect(decoder.decode(good).skeleton.boneNames).toEqual(
            frame.bones.map((bone) => bone.name),
          );
        },
      ),
      { numRuns: 3000 },
    );
  });
});
