// The binary format's layout: fixed-size little-endian records, so that Go's encoding/binary and C structs
// read them directly. docs/protocol.md has the table; the constants below are its only copy.
import { NAME_BYTES_MAX } from "./complete-frame.ts";
import { TRANSFORM_FLOATS } from "./frame.ts";

export const TIMESTAMP_OFFSET = 40;
export const SERVER_TIMESTAMP_OFFSET = 48;
export const BONE_COUNT_OFFSET = 56;
export const BONES_OFFSET = 60;
export const BONE_BYTES = NAME_BYTES_MAX + 4 * TRANSFORM_FLOATS;
export const BLEND_SHAPE_BYTES = NAME_BYTES_MAX + 4;
/** A frame without bones and blend shapes. */
export const BINARY_BYTES_MIN = BONES_OFFSET + 4;

export const NAME_WORDS = NAME_BYTES_MAX / 4;

// Numbers are read and written through typed arrays, which have the machine's byte order. Every machine that
// runs Bun or a browser today is little-endian. On any other one this throws.
if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
  throw new Error("avatar-sync's binary format needs a little-endian machine");
}

/** Bytes of a frame with this number of bones and blend shapes. */
export function binaryByteLength(boneCount: number, blendShapeCount: number): number {
  return BINARY_BYTES_MIN + BONE_BYTES * boneCount + BLEND_SHAPE_BYTES * blendShapeCount;
}

/** Sets the server time of an encoded frame in place. */
export function stampServerTimestamp(bytes: Uint8Array, seconds: number): void {
  viewOf(bytes).setFloat64(SERVER_TIMESTAMP_OFFSET, seconds, true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
