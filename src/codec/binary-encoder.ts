// Encodes the binary format.
//
//   const encoder = new BinaryEncoder(skeleton);
//   encoder.encode(pose, out);                          // for each pose
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
import { checkName, completeFrame } from "./complete-frame.ts";
import { EncodeError } from "./errors.ts";
import { checkPoseSize, createBlankPose, poseOf, skeletonOf, TRANSFORM_FLOATS } from "./frame.ts";
import type { AvatarFrame, Pose, Skeleton } from "./frame.ts";

/** Encodes the poses of one skeleton. The names are laid out once; each frame writes its numbers. */
export class BinaryEncoder {
  readonly #template: Uint8Array<ArrayBuffer>;
  readonly #skeleton: Skeleton;

  /** @throws {EncodeError} for a name that the format cannot hold, or that is in the list twice. */
  constructor(skeleton: Skeleton) {
    const { boneNames, blendShapeNames } = skeleton;
    this.#skeleton = skeleton;
    this.#template = new Uint8Array(binaryByteLength(boneNames.length, blendShapeNames.length));
    const view = viewOf(this.#template);
    const blendShapeCountOffset = BONES_OFFSET + BONE_BYTES * boneNames.length;
    view.setInt32(BONE_COUNT_OFFSET, boneNames.length, true);
    writeNames(boneNames, "$.bones", BONE_BYTES, this.#template, BONES_OFFSET);
    view.setInt32(blendShapeCountOffset, blendShapeNames.length, true);
    writeNames(
      blendShapeNames,
      "$.blendShapes",
      BLEND_SHAPE_BYTES,
      this.#template,
      blendShapeCountOffset + 4,
    );
  }

  /** Bytes of every frame of this skeleton. */
  get byteLength(): number {
    return this.#template.length;
  }

  /**
   * Writes one frame into `out` (or a new array), whose start must be aligned to 4 bytes.
   * @throws {RangeError} if the pose has another number of bones or blend shapes than the skeleton;
   * {EncodeError} for a number that is not finite.
   */
  encode(
    pose: Pose,
    out: Uint8Array<ArrayBuffer> = new Uint8Array(this.byteLength),
  ): Uint8Array<ArrayBuffer> {
    checkPoseSize(pose, this.#skeleton);
    const { boneNames, blendShapeNames } = this.#skeleton;
    out.set(this.#template);
    const floats = new Float32Array(out.buffer, out.byteOffset, this.byteLength / 4);
    writeFloats(pose.root, 0, TRANSFORM_FLOATS, "$.rootTransform", floats, 0);
    let at = BONES_OFFSET / 4 + NAME_WORDS;
    for (let bone = 0; bone < boneNames.length; bone++) {
      writeFloats(pose.bones, bone * TRANSFORM_FLOATS, TRANSFORM_FLOATS, "$.bones", floats, at);
      at += BONE_BYTES / 4;
    }
    at += 1;
    for (let shape = 0; shape < blendShapeNames.length; shape++) {
      writeFloats(pose.blendShapes, shape, 1, "$.blendShapes", floats, at);
      at += BLEND_SHAPE_BYTES / 4;
    }
    const view = viewOf(out);
    writeTimestamp(view, TIMESTAMP_OFFSET, pose.timestamp, "$.timestamp");
    writeTimestamp(view, SERVER_TIMESTAMP_OFFSET, pose.server_timestamp, "$.server_timestamp");
    return out;
  }
}

/** A frame in binary. @throws {EncodeError} naming the first place that binary cannot hold. */
export function encodeBinary(frame: AvatarFrame): Uint8Array<ArrayBuffer> {
  const complete = completeFrame(frame);
  const skeleton = skeletonOf(complete);
  return new BinaryEncoder(skeleton).encode(poseOf(complete, createBlankPose(skeleton)));
}

const textEncoder = new TextEncoder();

function writeNames(
  names: readonly string[],
  path: string,
  recordBytes: number,
  out: Uint8Array,
  byteOffset: number,
): void {
  const taken = new Set<string>();
  for (const [index, name] of names.entries()) {
    checkName(name, taken, `${path}[${index}].name`);
    textEncoder.encodeInto(name, out.subarray(byteOffset + index * recordBytes));
  }
}

function writeTimestamp(view: DataView, byteOffset: number, value: number, path: string): void {
  if (!Number.isFinite(value)) throw new EncodeError("not_finite", path, `the time is ${value}`);
  view.setFloat64(byteOffset, value, true);
}

function writeFloats(
  values: Float32Array,
  valuesAt: number,
  count: number,
  path: string,
  out: Float32Array,
  at: number,
): void {
  for (let index = 0; index < count; index++) {
    const value = values[valuesAt + index];
    if (value - value !== 0) {
      throw new EncodeError("not_finite", path, `number ${valuesAt + index} is ${value}`);
    }
    out[at + index] = value;
  }
}
