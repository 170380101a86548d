// The skeleton as bytes, sent once before a stream's frames. Rules E27 and E28; little-endian.
//
//   Skeleton = version:u8 flags:u8 weightScale:f32 boneCount:u16 blendShapeCount:u16
//              Steps Rest Bone* Name*
//   flags    = bit 0: bones have parents; bit 1: the bones' rests are a rest pose, not the first frame
//   Bone     = Name [Parent] Steps Rest
//   Parent   = u16: 0 none, n the n-th bone, 0xffff a Name follows that is no bone's
//   Steps    = rotation:u16 position:u16 scale:u16, each the upper half of an f32
//   Rest     = f32 x 10: position xyz, rotation xyzw, scale xyz
//   Name     = length:u8 and that many bytes of UTF-8, 1 to 64
import { checkName, NAME_BYTES_MAX } from "../complete-frame.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Skeleton } from "../frame.ts";
import { DEFAULT_FRAME_LIMITS } from "../limits.ts";
import type { FrameLimits } from "../limits.ts";
import { fromUpperHalf, upperHalfOf } from "./precision.ts";
import type { TransformSteps } from "./precision.ts";
import {
  assembleStreamSkeleton,
  isOffsetStep,
  isRotationStep,
  isWeightScale,
} from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

/** Version of the stream encoding, its tables included. */
export const STREAM_VERSION = 1;

const HAS_PARENTS_FLAG = 1;
const HAS_REST_FLAG = 2;
const KNOWN_FLAGS = HAS_PARENTS_FLAG | HAS_REST_FLAG;
const NAMED_PARENT = 0xffff;
const COUNT_MAX = NAMED_PARENT - 1;
const STEPS_BYTES = 6;
const REST_BYTES = 4 * TRANSFORM_FLOATS;
const HEADER_BYTES = 10;

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The skeleton's bytes.
 * @throws {EncodeError} for a name or parent's name that is empty, repeated, over 64 bytes or not
 * well-formed.
 */
export function encodeSkeleton(stream: StreamSkeleton): Uint8Array<ArrayBuffer> {
  const { skeleton, rest } = stream;
  const { boneNames, boneParents, blendShapeNames } = skeleton;
  if (boneNames.length > COUNT_MAX || blendShapeNames.length > COUNT_MAX) {
    throw new EncodeError("out_of_range", "$.bones", `more than ${COUNT_MAX} of them`);
  }
  const writer = new SkeletonWriter(boneNames.length, blendShapeNames.length);
  writer.u8(STREAM_VERSION);
  const parentsFlag = boneParents === undefined ? 0 : HAS_PARENTS_FLAG;
  writer.u8(parentsFlag | (skeleton.rest === undefined ? 0 : HAS_REST_FLAG));
  writer.f32(stream.weightScale);
  writer.u16(boneNames.length);
  writer.u16(blendShapeNames.length);
  writer.steps(stream, 0);
  writer.rest(rest, 0);
  const taken = new Set<string>();
  const indexByName = new Map(boneNames.map((name, index) => [name, index]));
  for (const [index, name] of boneNames.entries()) {
    checkName(name, taken, `$.bones[${index}].name`);
    writer.name(name);
    if (boneParents !== undefined) {
      const parent = boneParents[index] ?? null;
      const parentIndex = parent === null ? -1 : (indexByName.get(parent) ?? NAMED_PARENT - 1);
      writer.u16(parentIndex + 1);
      if (parent !== null && parentIndex + 1 === NAMED_PARENT) {
        checkName(parent, new Set(), `$.bones[${index}].parent`);
        writer.name(parent);
      }
    }
    writer.steps(stream, index + 1);
    writer.rest(rest, TRANSFORM_FLOATS * (index + 1));
  }
  taken.clear();
  for (const [index, name] of blendShapeNames.entries()) {
    checkName(name, taken, `$.blendShapes[${index}].name`);
    writer.name(name);
  }
  return writer.finish();
}

/**
 * Reads a skeleton, which has a `rest` if the publisher's had one. Allocates nothing before its counts are
 * within `limits`.
 * @throws {DecodeError} naming the byte.
 */
export function decodeSkeleton(
  bytes: Uint8Array,
  limits: FrameLimits = DEFAULT_FRAME_LIMITS,
): StreamSkeleton {
  const reader = new SkeletonReader(bytes);
  const version = reader.u8();
  if (version !== STREAM_VERSION) {
    throw reader.refuse("unsupported_version", 0, `version ${version} of the stream encoding`);
  }
  const flags = reader.u8();
  if ((flags & ~KNOWN_FLAGS) !== 0) {
    throw reader.refuse("unsupported_version", 1, `flags ${flags}`);
  }
  const weightScale = reader.f32();
  if (!isWeightScale(weightScale)) {
    throw reader.refuse("out_of_range", 2, `a whole weight is ${weightScale}`);
  }
  const countsAt = reader.byteOffset;
  const boneCount = reader.u16();
  if (boneCount > limits.bonesMax) {
    throw reader.refuse("too_many_bones", countsAt, `${boneCount} bones`);
  }
  const blendShapeCount = reader.u16();
  if (blendShapeCount > limits.blendShapesMax) {
    throw reader.refuse("too_many_blend_shapes", countsAt + 2, `${blendShapeCount} blend shapes`);
  }
  const rest = new Float32Array(TRANSFORM_FLOATS * (boneCount + 1));
  const steps: TransformSteps = {
    rotationSteps: new Float32Array(boneCount + 1),
    positionSteps: new Float32Array(boneCount + 1),
    scaleSteps: new Float32Array(boneCount + 1),
  };
  const boneNames: string[] = [];
  const parents: (string | number | null)[] = [];
  reader.steps(steps, 0);
  reader.rest(rest, 0);
  const taken = new Set<string>();
  for (let index = 0; index < boneCount; index++) {
    boneNames.push(reader.name(taken));
    if ((flags & HAS_PARENTS_FLAG) !== 0) parents.push(reader.parent(boneCount));
    reader.steps(steps, index + 1);
    reader.rest(rest, TRANSFORM_FLOATS * (index + 1));
  }
  taken.clear();
  const blendShapeNames = Array.from({ length: blendShapeCount }, () => reader.name(taken));
  reader.finish();
  const boneParents = parents.map((parent) => {
    return typeof parent === "number" ? boneNames[parent] : parent;
  });
  const skeleton: Skeleton = {
    boneNames,
    ...((flags & HAS_PARENTS_FLAG) !== 0 && { boneParents }),
    blendShapeNames,
    ...((flags & HAS_REST_FLAG) !== 0 && { rest: rest.slice(TRANSFORM_FLOATS) }),
  };
  return assembleStreamSkeleton(skeleton, rest, weightScale, steps);
}

class SkeletonWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(boneCount: number, blendShapeCount: number) {
    const nameBytes = 1 + NAME_BYTES_MAX;
    const transformBytes = STEPS_BYTES + REST_BYTES;
    const boneBytes = 2 * nameBytes + 2 + transformBytes;
    const length =
      HEADER_BYTES + transformBytes + boneCount * boneBytes + blendShapeCount * nameBytes;
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  f32(value: number): void {
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  steps({ rotationSteps, positionSteps, scaleSteps }: TransformSteps, transform: number): void {
    this.u16(upperHalfOf(rotationSteps[transform]));
    this.u16(upperHalfOf(positionSteps[transform]));
    this.u16(upperHalfOf(scaleSteps[transform]));
  }

  rest(values: Float32Array, first: number): void {
    for (let index = 0; index < TRANSFORM_FLOATS; index++) {
      this.f32(values[first + index]);
    }
  }

  name(name: string): void {
    const { written } = encoder.encodeInto(name, this.#bytes.subarray(this.#at + 1));
    this.u8(written);
    this.#at += written;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at);
  }
}

class SkeletonReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  byteOffset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  steps(out: TransformSteps, transform: number): void {
    out.rotationSteps[transform] = this.#step("rotation", isRotationStep);
    out.positionSteps[transform] = this.#step("position", isOffsetStep);
    out.scaleSteps[transform] = this.#step("scale", isOffsetStep);
  }

  rest(out: Float32Array, first: number): void {
    for (let index = 0; index < TRANSFORM_FLOATS; index++) {
      const at = this.#take(4);
      const value = this.#view.getFloat32(at, true);
      if (!Number.isFinite(value)) throw this.refuse("not_finite", at, `found ${value}`);
      out[first + index] = value;
    }
  }

  name(taken: Set<string>): string {
    const at = this.byteOffset;
    const length = this.u8();
    if (length === 0) throw this.refuse("empty_name", at, "a name is empty");
    if (length > NAME_BYTES_MAX) throw this.refuse("too_large", at, `a name of ${length} bytes`);
    const from = this.#take(length);
    const bytes = this.#bytes.subarray(from, from + length);
    let name: string;
    try {
      name = utf8.decode(bytes);
    } catch {
      throw this.refuse("invalid_utf8", at, "a name is not valid UTF-8");
    }
    if (bytes.includes(0)) throw this.refuse("invalid_utf8", at, "a name has a zero byte");
    if (taken.has(name)) {
      throw this.refuse("duplicate_name", at, `${JSON.stringify(name)} is in the list twice`);
    }
    taken.add(name);
    return name;
  }

  /** The index of a bone, a name that no bone has, or null. */
  parent(boneCount: number): string | number | null {
    const at = this.byteOffset;
    const parent = this.u16();
    if (parent === 0) return null;
    if (parent === NAMED_PARENT) return this.name(new Set());
    if (parent > boneCount) throw this.refuse("out_of_range", at, `there is no bone ${parent - 1}`);
    return parent - 1;
  }

  finish(): void {
    if (this.byteOffset === this.#bytes.length) return;
    throw this.refuse("trailing_bytes", this.byteOffset, `${this.#bytes.length} bytes in all`);
  }

  refuse(
    code: ConstructorParameters<typeof DecodeError>[0],
    byteOffset: number,
    detail: string,
  ): DecodeError {
    return new DecodeError(code, { byteOffset }, detail);
  }

  #step(what: string, isStep: (step: number) => boolean): number {
    const at = this.byteOffset;
    const step = fromUpperHalf(this.u16());
    if (!isStep(step)) throw this.refuse("out_of_range", at, `a step of a ${what} is ${step}`);
    return step;
  }

  #take(count: number): number {
    const at = this.byteOffset;
    const { length } = this.#bytes;
    if (at + count > length) {
      throw this.refuse("truncated", length, `a skeleton needs ${at + count} bytes or more`);
    }
    this.byteOffset += count;
    return at;
  }
}
