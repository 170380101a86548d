// Decodes the binary format.
//
//   const decoder = new BinaryDecoder();
//   const { skeleton, pose } = decoder.decode(bytes);   // fast while the names stay the same
import {
  BLEND_SHAPE_BYTES,
  BONE_BYTES,
  BONE_COUNT_OFFSET,
  BONES_OFFSET,
  binaryByteLength,
  NAME_WORDS,
  SERVER_TIMESTAMP_OFFSET,
  TIMESTAMP_OFFSET,
  viewOf,
} from "./binary-layout.ts";
import { NAME_BYTES_MAX } from "./complete-frame.ts";
import { DecodeError } from "./errors.ts";
import { createBlankPose, frameOf, TRANSFORM_FLOATS } from "./frame.ts";
import type { AvatarFrame, Skeleton, SkeletonPose } from "./frame.ts";
import { DEFAULT_FRAME_LIMITS } from "./limits.ts";
import type { FrameLimits } from "./limits.ts";

/**
 * The words of all name fields, by their index in the frame: those with a value, and those that are zero.
 * Four fifths are padding, so these flat lists halve the time of a plain comparison.
 */
interface NameWords {
  readonly used: Int32Array;
  readonly values: Int32Array;
  readonly padding: Int32Array;
}

const NO_WORDS = new Int32Array(0);
const NO_NAMES: NameWords = { used: NO_WORDS, values: NO_WORDS, padding: NO_WORDS };

/**
 * Decodes the frames of one player. While the names stay the same, a frame costs a comparison of the names
 * and a copy of the numbers, and allocates only two views.
 */
export class BinaryDecoder {
  readonly #limits: FrameLimits;
  // The last good frame: its names as words with their indices, and its pose as words. The hot loops move
  // 32-bit integers, because one sum tells whether any of the numbers is not finite.
  #decoded!: SkeletonPose;
  #names!: NameWords;
  #rootWords!: Int32Array;
  #boneWords!: Int32Array;
  #blendShapeWords!: Int32Array;

  constructor(limits: FrameLimits = DEFAULT_FRAME_LIMITS) {
    this.#limits = limits;
    this.#adopt({ boneNames: [], blendShapeNames: [] }, NO_NAMES);
  }

  /**
   * Reads one frame. The skeleton is the same object while the names stay the same; the next call uses
   * the pose again.
   * @throws {DecodeError} naming the byte. The decoder is good for further frames. Do not read the pose
   * that it returned before.
   */
  decode(bytes: Uint8Array): SkeletonPose {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { boneCount, blendShapeCount } = readCounts(view, this.#limits);
    // Views of words need 4-byte alignment, so other bodies are copied once.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
    if (!this.#hasNamesOf(words, boneCount, blendShapeCount)) {
      const skeleton = readSkeleton(bytes, boneCount, blendShapeCount);
      this.#adopt(skeleton, nameWordsOf(words, boneCount, blendShapeCount));
    }
    if (!this.#copyNumbers(words)) throw findNotFinite(bytes, boneCount, blendShapeCount);
    const { pose } = this.#decoded;
    pose.timestamp = readTimestamp(view, TIMESTAMP_OFFSET);
    pose.server_timestamp = readTimestamp(view, SERVER_TIMESTAMP_OFFSET);
    return this.#decoded;
  }

  #adopt(skeleton: Skeleton, names: NameWords): void {
    const pose = createBlankPose(skeleton);
    this.#decoded = { skeleton, pose };
    this.#names = names;
    this.#rootWords = new Int32Array(pose.root.buffer);
    this.#boneWords = new Int32Array(pose.bones.buffer);
    this.#blendShapeWords = new Int32Array(pose.blendShapes.buffer);
  }

  #hasNamesOf(words: Int32Array, boneCount: number, blendShapeCount: number): boolean {
    const { boneNames, blendShapeNames } = this.#decoded.skeleton;
    if (boneNames.length !== boneCount || blendShapeNames.length !== blendShapeCount) return false;
    const { used, values, padding } = this.#names;
    let difference = 0;
    for (let index = 0; index < used.length; index++) {
      difference |= words[used[index]] ^ values[index];
    }
    for (let index = 0; index < padding.length; index++) difference |= words[padding[index]];
    return difference === 0;
  }

  /** Copies all f32 into the pose; false if any is NaN or infinite. */
  #copyNumbers(words: Int32Array): boolean {
    const root = this.#rootWords;
    const bones = this.#boneWords;
    const blendShapes = this.#blendShapeWords;
    let flags = copyTransform(words, 0, root, 0);
    let at = BONES_OFFSET / 4 + NAME_WORDS;
    for (let bone = 0; bone < bones.length; bone += TRANSFORM_FLOATS) {
      flags |= copyTransform(words, at, bones, bone);
      at += BONE_BYTES / 4;
    }
    at += 1;
    for (let shape = 0; shape < blendShapes.length; shape++) {
      const word = words[at];
      blendShapes[shape] = word;
      flags |= notFiniteFlag(word);
      at += BLEND_SHAPE_BYTES / 4;
    }
    return flags >= 0;
  }
}

/** Reads one frame as an object. @throws {DecodeError} naming the byte. */
export function decodeBinary(bytes: Uint8Array, limits?: FrameLimits): AvatarFrame {
  const { skeleton, pose } = new BinaryDecoder(limits).decode(bytes);
  return frameOf(skeleton, pose);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readCounts(view: DataView, limits: FrameLimits) {
  if (view.byteLength === 0) {
    throw new DecodeError("empty", { byteOffset: 0 }, "the body is empty; expected a frame");
  }
  const boneCount = readCount(view, BONE_COUNT_OFFSET, "bone");
  if (boneCount > limits.bonesMax) throw tooMany("bone", boneCount, limits.bonesMax);
  const blendCountOffset = BONES_OFFSET + BONE_BYTES * boneCount;
  const blendShapeCount = readCount(view, blendCountOffset, "blend shape");
  if (blendShapeCount > limits.blendShapesMax) {
    throw tooMany("blend shape", blendShapeCount, limits.blendShapesMax, blendCountOffset);
  }
  const expected = binaryByteLength(boneCount, blendShapeCount);
  if (view.byteLength < expected) throw truncated(view.byteLength, expected);
  if (view.byteLength > expected) {
    const ends = `${boneCount} bones and ${blendShapeCount} blend shapes end here`;
    const detail = `${view.byteLength - expected} bytes too many; ${ends}`;
    throw new DecodeError("trailing_bytes", { byteOffset: expected }, detail);
  }
  return { boneCount, blendShapeCount };
}

function readCount(view: DataView, byteOffset: number, what: string): number {
  if (view.byteLength < byteOffset + 4) throw truncated(view.byteLength, byteOffset + 4);
  const count = view.getInt32(byteOffset, true);
  if (count < 0) {
    const detail = `the ${what} count is ${count}; expected 0 or more`;
    throw new DecodeError("negative_count", { byteOffset }, detail);
  }
  return count;
}

function tooMany(
  what: "bone" | "blend shape",
  count: number,
  max: number,
  byteOffset = BONE_COUNT_OFFSET,
): DecodeError {
  const code = what === "bone" ? "too_many_bones" : "too_many_blend_shapes";
  const detail = `the ${what} count is ${count}; expected at most ${max}`;
  return new DecodeError(code, { byteOffset }, detail);
}

function truncated(byteOffset: number, expected: number): DecodeError {
  const detail = `the frame ends here; expected at least ${expected} bytes`;
  return new DecodeError("truncated", { byteOffset }, detail);
}

/** Copies 10 words; negative if any is NaN or infinite. Without a loop, which took twice the time. */
function copyTransform(words: Int32Array, at: number, out: Int32Array, outAt: number): number {
  const px = words[at];
  const py = words[at + 1];
  const pz = words[at + 2];
  const qx = words[at + 3];
  const qy = words[at + 4];
  const qz = words[at + 5];
  const qw = words[at + 6];
  const sx = words[at + 7];
  const sy = words[at + 8];
  const sz = words[at + 9];
  out[outAt] = px;
  out[outAt + 1] = py;
  out[outAt + 2] = pz;
  out[outAt + 3] = qx;
  out[outAt + 4] = qy;
  out[outAt + 5] = qz;
  out[outAt + 6] = qw;
  out[outAt + 7] = sx;
  out[outAt + 8] = sy;
  out[outAt + 9] = sz;
  return (
    notFiniteFlag(px) |
    notFiniteFlag(py) |
    notFiniteFlag(pz) |
    notFiniteFlag(qx) |
    notFiniteFlag(qy) |
    notFiniteFlag(qz) |
    notFiniteFlag(qw) |
    notFiniteFlag(sx) |
    notFiniteFlag(sy) |
    notFiniteFlag(sz)
  );
}

/** Negative for NaN and infinities: 1 added to an exponent of all ones carries into the sign bit. */
function notFiniteFlag(word: number): number {
  return ((word & 0x7f800000) + 0x00800000) | 0;
}

function findNotFinite(bytes: Uint8Array, boneCount: number, blendShapeCount: number): DecodeError {
  const view = viewOf(bytes);
  const firstIn = (start: number, floats: number) => {
    for (let byteOffset = start; byteOffset < start + 4 * floats; byteOffset += 4) {
      const value = view.getFloat32(byteOffset, true);
      if (!Number.isFinite(value)) return notFinite(byteOffset, value);
    }
    return undefined;
  };
  let found = firstIn(0, TRANSFORM_FLOATS);
  for (let bone = 0; found === undefined && bone < boneCount; bone++) {
    found = firstIn(BONES_OFFSET + bone * BONE_BYTES + NAME_BYTES_MAX, TRANSFORM_FLOATS);
  }
  const blendShapesOffset = BONES_OFFSET + BONE_BYTES * boneCount + 4;
  for (let shape = 0; found === undefined && shape < blendShapeCount; shape++) {
    found = firstIn(blendShapesOffset + shape * BLEND_SHAPE_BYTES + NAME_BYTES_MAX, 1);
  }
  if (found === undefined) throw new Error("a flag was raised, but every number is finite");
  return found;
}

function nameWordsOf(words: Int32Array, boneCount: number, blendShapeCount: number): NameWords {
  const used: number[] = [];
  const padding: number[] = [];
  let at = BONES_OFFSET / 4;
  for (let index = 0; index < boneCount + blendShapeCount; index++) {
    if (index === boneCount) at += 1; // the blend shapes' count
    for (let word = at; word < at + NAME_WORDS; word++) {
      (words[word] === 0 ? padding : used).push(word);
    }
    at += (index < boneCount ? BONE_BYTES : BLEND_SHAPE_BYTES) / 4;
  }
  return {
    used: Int32Array.from(used),
    values: Int32Array.from(used, (word) => words[word]),
    padding: Int32Array.from(padding),
  };
}

function readSkeleton(bytes: Uint8Array, boneCount: number, blendShapeCount: number): Skeleton {
  const blendShapesOffset = BONES_OFFSET + BONE_BYTES * boneCount + 4;
  return {
    boneNames: readNames(bytes, BONES_OFFSET, BONE_BYTES, boneCount, "bones"),
    blendShapeNames: readNames(
      bytes,
      blendShapesOffset,
      BLEND_SHAPE_BYTES,
      blendShapeCount,
      "blendShapes",
    ),
  };
}

function readNames(
  bytes: Uint8Array,
  offset: number,
  recordBytes: number,
  count: number,
  list: "bones" | "blendShapes",
): string[] {
  const taken = new Set<string>();
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const byteOffset = offset + index * recordBytes;
    const field = bytes.subarray(byteOffset, byteOffset + NAME_BYTES_MAX);
    const where = `the name of ${list}[${index}]`;
    const zero = field.indexOf(0);
    const length = zero < 0 ? NAME_BYTES_MAX : zero;
    if (length === 0) throw new DecodeError("empty_name", { byteOffset }, `${where} is empty`);
    const stray = field.findIndex((byte, at) => at >= length && byte !== 0);
    if (stray >= 0) {
      const detail = `${where} must be padded with zeros`;
      throw new DecodeError("bad_padding", { byteOffset: byteOffset + stray }, detail);
    }
    let name: string;
    try {
      name = utf8.decode(field.subarray(0, length));
    } catch {
      throw new DecodeError("invalid_utf8", { byteOffset }, `${where} is not valid UTF-8`);
    }
    if (taken.has(name)) {
      const detail = `${where} is ${JSON.stringify(name)}, which is in the list twice`;
      throw new DecodeError("duplicate_name", { byteOffset }, detail);
    }
    taken.add(name);
    names.push(name);
  }
  return names;
}

function notFinite(byteOffset: number, value: number): DecodeError {
  return new DecodeError("not_finite", { byteOffset }, `expected a finite number, found ${value}`);
}

function readTimestamp(view: DataView, byteOffset: number): number {
  const value = view.getFloat64(byteOffset, true);
  if (!Number.isFinite(value)) throw notFinite(byteOffset, value);
  return value;
}
