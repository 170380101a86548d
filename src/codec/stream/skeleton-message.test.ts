// The skeleton's message: back to what it was, or a DecodeError that names the byte.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Random } from "../../../test/random.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import { createPose } from "../frame.ts";
import type { Skeleton } from "../frame.ts";
import { decodeSkeleton, encodeSkeleton } from "./skeleton-message.ts";
import type { StreamPrecision } from "./precision.ts";
import { createStreamSkeleton } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => !text.includes("\0") && text.isWellFormed())
  .filter((text) => new TextEncoder().encode(text).length <= 64);
const names = fc.uniqueArray(name, { maxLength: 30 });

const skeletons: fc.Arbitrary<StreamSkeleton> = fc
  .tuple(names, names, fc.boolean(), fc.boolean(), fc.nat(), fc.constantFrom(1e-6, 0.001, 0.02, 50))
  .map(([boneNames, blendShapeNames, hasParents, hasRest, seed, errorMetres]) => {
    const random = new Random(seed);
    const parents = boneNames.map((_, index) => {
      if (random.chance(0.1)) return "none of them, and outside";
      return index === 0 || random.chance(0.2) ? null : random.pick(boneNames);
    });
    const plain: Skeleton = { boneNames, blendShapeNames };
    const skeleton = hasParents ? { ...plain, boneParents: parents } : plain;
    const first = createPose(skeleton);
    first.bones.forEach((_, index) => (first.bones[index] = random.between(-2, 2)));
    const withRest = hasRest ? { ...skeleton, rest: first.bones.map((value) => -value) } : skeleton;
    return createStreamSkeleton(withRest, first, { errorMetres, weightScale: 2 + seed });
  });

const one = createStreamSkeleton(
  { boneNames: ["Hips", "Spine"], boneParents: [null, "Hips"], blendShapeNames: ["jawOpen"] },
  createPose({ boneNames: ["Hips", "Spine"], blendShapeNames: ["jawOpen"] }),
);

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}

describe("skeleton message", () => {
  test("[E27] every skeleton decodes to itself, and encodes to the same bytes", () => {
    fc.assert(
      fc.property(skeletons, (skeleton) => {
        const bytes = encodeSkeleton(skeleton);
        const decoded = decodeSkeleton(bytes);
        expect(decoded).toEqual(skeleton);
        expect(encodeSkeleton(decoded).toHex()).toBe(bytes.toHex());
      }),
    );
  });

  test("[E30] bones rest as in the skeleton's rest if it has one, else as in the first pose", () => {
    const plainSkeleton = { boneNames: ["Hips"], blendShapeNames: [] };
    const first = createPose(plainSkeleton);
    first.bones[1] = 2;
    const rest = new Float32Array([0, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
    const plain = decodeSkeleton(encodeSkeleton(createStreamSkeleton(plainSkeleton, first)));
    expect([...plain.rest.subarray(10)]).toEqual([...first.bones]);
    expect(plain.skeleton).toEqual(plainSkeleton);
    const rested = decodeSkeleton(
      encodeSkeleton(createStreamSkeleton({ ...plainSkeleton, rest }, first)),
    );
    expect([...rested.rest.subarray(10)]).toEqual([...rest]);
    expect(rested.skeleton).toEqual({ ...plainSkeleton, rest });
    const short = { ...plainSkeleton, rest: rest.subarray(1) };
    expect(() => createStreamSkeleton(short, first)).toThrow(RangeError);
  });

  test("[E28] a message that is cut off is truncated, and a longer one has trailing bytes", () => {
    const bytes = encodeSkeleton(one);
    for (let length = 0; length < bytes.length; length++) {
      const error = errorOf(() => decodeSkeleton(bytes.subarray(0, length)));
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject({ code: "truncated", place: { byteOffset: length } });
    }
    expect(errorOf(() => decodeSkeleton(new Uint8Array([...bytes, 0])))).toMatchObject({
      code: "trailing_bytes",
      place: { byteOffset: bytes.length },
    });
  });

  // Version, flags, scale, two counts, the root's steps and rest; then the first bone's length byte.
  const firstName = 2 + 4 + 4 + 6 + 40;
  const cases: [string, number, number[], string, number][] = [
    ["another version", 0, [2], "unsupported_version", 0],
    ["an unknown flag", 1, [4], "unsupported_version", 1],
    ["a weight scale of zero", 2, [0, 0, 0, 0], "out_of_range", 2],
    ["too many bones", 6, [1, 4], "too_many_bones", 6],
    ["too many blend shapes", 8, [1, 4], "too_many_blend_shapes", 8],
    ["a step that is not a number", 10, [0xc0, 0x7f], "out_of_range", 10],
    ["a step of zero", 12, [0, 0], "out_of_range", 12],
    [
      "a step of a bone that is negative",
      firstName + 7,
      [0x80, 0xbd],
      "out_of_range",
      firstName + 7,
    ],
    ["a rest that is infinite", 16, [0, 0, 0x80, 0x7f], "not_finite", 16],
    ["an empty name", firstName, [0], "empty_name", firstName],
    ["a name of 65 bytes", firstName, [65], "too_large", firstName],
    ["a name that is not UTF-8", firstName + 1, [0xff], "invalid_utf8", firstName],
    ["a name with a zero byte", firstName + 1, [0], "invalid_utf8", firstName],
    ["a parent that is no bone", firstName + 5, [3, 0], "out_of_range", firstName + 5],
  ];
  for (const [what, at, values, code, byteOffset] of cases) {
    test(`[E28] ${what}: ${code} at byte ${byteOffset}`, () => {
      const bytes = encodeSkeleton(one);
      bytes.set(values, at);
      const error = errorOf(() => decodeSkeleton(bytes));
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject({ code, place: { byteOffset } });
    });
  }

  test("[E27a] a parent's name that a bone has is accepted", () => {
    const stream = createStreamSkeleton(
      { boneNames: ["A", "B"], boneParents: [null, "Z"], blendShapeNames: [] },
      createPose({ boneNames: ["A", "B"], blendShapeNames: [] }),
    );
    const bytes = encodeSkeleton(stream);
    bytes[bytes.lastIndexOf("Z".charCodeAt(0))] = "A".charCodeAt(0);
    expect(decodeSkeleton(bytes).skeleton.boneParents).toEqual([null, "A"]);
  });

  test("[E28a] of two faults the one at the lower byte is told, also where the message is cut off", () => {
    const bytes = encodeSkeleton(one);
    expect(errorOf(() => decodeSkeleton(Uint8Array.of(2)))).toMatchObject({
      code: "unsupported_version",
    });
    bytes[firstName + 1] = 0xff;
    bytes[10] = 0;
    bytes[11] = 0;
    const places = [bytes, bytes.subarray(0, firstName)].map((each) => {
      return errorOf(() => decodeSkeleton(each));
    });
    for (const error of places) expect(error).toMatchObject({ place: { byteOffset: 10 } });
  });

  test("[E28] whatever the bytes, a skeleton or a DecodeError", () => {
    const random = new Random(17);
    for (let run = 0; run < 20_000; run++) {
      const bytes = encodeSkeleton(one);
      const count = 1 + random.below(4);
      for (let index = 0; index < count; index++) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      try {
        decodeSkeleton(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
  });

  test("[E27] a name that no message holds is an EncodeError with its path", () => {
    const long = { boneNames: ["x".repeat(65)], blendShapeNames: [] };
    const skeleton = createStreamSkeleton(long, createPose(long));
    const error = errorOf(() => encodeSkeleton(skeleton));
    expect(error).toBeInstanceOf(EncodeError);
    expect(error).toMatchObject({ code: "name_too_long", path: "$.bones[0].name" });
  });

  test("a precision out of range is the caller's mistake", () => {
    const { skeleton } = one;
    const wrong: Partial<StreamPrecision>[] = [
      { errorMetres: 0 },
      { errorMetres: Number.NaN },
      { errorMetres: Number.POSITIVE_INFINITY },
      { weightScale: -1 },
      { weightScale: 1e38 },
    ];
    for (const precision of wrong) {
      expect(() => createStreamSkeleton(skeleton, createPose(skeleton), precision)).toThrow(
        RangeError,
      );
    }
  });
});
