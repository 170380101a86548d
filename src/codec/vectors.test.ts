// The wire-format vectors of vectors/, which every language reads: both formats, both directions.
import { describe, expect, test } from "bun:test";
import { BinaryDecoder, decodeBinary } from "./binary-decoder.ts";
import { encodeBinary } from "./binary-encoder.ts";
import { completeFrame } from "./complete-frame.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { DecodeErrorCode, EncodeErrorCode } from "./errors.ts";
import type { AvatarFrame } from "./frame.ts";
import { outlineOf, withServerTimestamp } from "./json-outline.ts";
import { decodeJson, encodeJson } from "./json.ts";

interface BinaryVectors {
  valid: { name: string; frame: AvatarFrame; hex: string }[];
  invalid: { name: string; hex: string; code: DecodeErrorCode; byteOffset: number }[];
}

type Input =
  | { text: string }
  | { hex: string }
  | { pieces: (string | { repeat: string; times: number })[] };

interface JsonVectors {
  valid: ({ name: string; stamped?: string } & Input &
    ({ binary: { hex: string } } | { notBinary: { code: EncodeErrorCode; path: string } }))[];
  invalid: ({ name: string; code: DecodeErrorCode } & Input &
    ({ path: string } | { byteOffset: number; path?: string }))[];
}

/** The server's time in every `stamped` text. */
const STAMP_SECONDS = 1234567890.5;

const read = (file: string): Promise<unknown> =>
  Bun.file(new URL(`../../vectors/${file}`, import.meta.url)).json();
const binary = (await read("binary.json")) as BinaryVectors;
const json = (await read("json.json")) as JsonVectors;

function bytesOf(input: Input): Uint8Array {
  if ("hex" in input) return Uint8Array.fromHex(input.hex);
  if ("text" in input) return new TextEncoder().encode(input.text);
  const texts = input.pieces.map((piece) =>
    typeof piece === "string" ? piece : piece.repeat.repeat(piece.times),
  );
  return new TextEncoder().encode(texts.join(""));
}

/** The frame as its f32 numbers; time stamps are f64. Keeps -0, which JSON.stringify would not. */
function inF32(value: unknown, key = ""): unknown {
  if (typeof value === "number") return key.endsWith("timestamp") ? value : Math.fround(value);
  if (Array.isArray(value)) return value.map((entry) => inF32(entry));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, inF32(member, name)]),
  );
}

/** What binary keeps of a frame: `parent` belongs to the skeleton and is left out. */
function withoutParents(frame: AvatarFrame): AvatarFrame {
  const bones = frame.bones.map(({ name, localPosition, localRotation, localScale }) => {
    return { name, localPosition, localRotation, localScale };
  });
  return { ...frame, bones };
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}

describe("binary", () => {
  const longLived = new BinaryDecoder();
  for (const { name, frame, hex } of binary.valid) {
    test(`${name} decodes and encodes`, () => {
      const bytes = Uint8Array.fromHex(hex);
      expect(inF32(decodeBinary(bytes))).toStrictEqual(inF32(frame));
      expect(encodeBinary(frame).toHex()).toBe(hex);
      expect(encodeBinary(decodeBinary(bytes)).toHex()).toBe(hex);
    });
  }
  for (const { name, hex, code, byteOffset } of binary.invalid) {
    test(`[B2] [B3] [B5] [B6] [B6a] [B6b] ${name}: ${code} at byte ${byteOffset}`, () => {
      for (const decoder of [new BinaryDecoder(), longLived]) {
        const error = errorOf(() => decoder.decode(Uint8Array.fromHex(hex)));
        expect(error).toBeInstanceOf(DecodeError);
        expect(error).toMatchObject({ code, place: { byteOffset } });
      }
      // The same decoder still reads every good frame.
      for (const good of binary.valid) {
        const { skeleton } = longLived.decode(Uint8Array.fromHex(good.hex));
        expect(skeleton.boneNames).toEqual(good.frame.bones.map((bone) => bone.name));
      }
    });
  }
});

describe("JSON", () => {
  for (const vector of json.valid) {
    const { name } = vector;
    const bytes = bytesOf(vector);
    if ("binary" in vector) {
      const { hex } = vector.binary;
      test(`${name}: binary holds it`, () => {
        const frame = completeFrame(decodeJson(bytes));
        expect(encodeBinary(frame).toHex()).toBe(hex);
        expect(inF32(decodeBinary(Uint8Array.fromHex(hex)))).toStrictEqual(
          inF32(withoutParents(frame)),
        );
        expect(decodeJson(encodeJson(frame))).toEqual(frame);
      });
    } else {
      const { code, path } = vector.notBinary;
      test(`[B9a] [J9] ${name}: binary cannot hold it, ${code} at ${path}`, () => {
        const document = decodeJson(bytes);
        const error = errorOf(() => completeFrame(document));
        expect(error).toBeInstanceOf(EncodeError);
        expect(error).toMatchObject({ code, path });
      });
    }
    if (vector.stamped === undefined) continue;
    const { stamped } = vector;
    test(`[J4] [J5] ${name}: readers get what was posted, stamped`, () => {
      const answer = withServerTimestamp(bytes, outlineOf(decodeJson(bytes), bytes), STAMP_SECONDS);
      expect(new TextDecoder().decode(answer)).toBe(stamped);
    });
  }
  for (const vector of json.invalid) {
    const { name, code } = vector;
    const { path } = vector;
    const place = "byteOffset" in vector ? { byteOffset: vector.byteOffset } : { path };
    test(`[J2] [J2a] [J2b] [J2c] [J3a] [J3b] [J6] ${name}: ${code} at ${place.path ?? `byte ${place.byteOffset}`}`, () => {
      const error = errorOf(() => decodeJson(bytesOf(vector)));
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject({ code });
      expect((error as DecodeError).place).toMatchObject(
        path === undefined ? place : { ...place, path },
      );
    });
  }
});
