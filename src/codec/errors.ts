// The errors of the codec: bytes that are not a frame, and a frame that a format cannot hold.

/** What is wrong with the bytes: one code per cause, stable on the wire. */
export type DecodeErrorCode =
  | "empty"
  | "syntax"
  | "invalid_utf8"
  | "wrong_type"
  | "not_finite"
  | "truncated"
  | "trailing_bytes"
  | "negative_count"
  | "too_many_bones"
  | "too_many_blend_shapes"
  | "empty_name"
  | "bad_padding"
  | "duplicate_name"
  | "too_large"
  | "out_of_range"
  // Of the stream encoding only:
  | "unsupported_version"
  | "bad_header"
  | "not_canonical";

/**
 * Where in the input: a JSON path (`$.bones[3].name`), or an offset in bytes from its start. Text that is not JSON has
 * both: the path is that of the member in which it stops being JSON.
 */
export type Place =
  | { readonly path: string }
  | { readonly byteOffset: number; readonly path?: string };

function describe(place: Place): string {
  if (!("byteOffset" in place)) return place.path;
  const { byteOffset, path } = place;
  return path === undefined || path === "$" ? `byte ${byteOffset}` : `${path} (byte ${byteOffset})`;
}

/** The one error that decoding may throw. Its message names the place and what was expected. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly code: DecodeErrorCode;
  readonly place: Place;
  /** What was found and expected there. The message is the place and this. */
  readonly detail: string;

  constructor(code: DecodeErrorCode, place: Place, detail: string) {
    super(`${describe(place)}: ${detail}`);
    this.code = code;
    this.place = place;
    this.detail = detail;
  }
}

/** Why a frame that JSON holds cannot be written in a fixed layout. */
export type EncodeErrorCode =
  | "missing_field"
  | "unknown_property"
  | "empty_name"
  | "name_too_long"
  | "unencodable_name"
  | "duplicate_name"
  | "beyond_f32"
  | "not_finite"
  // Of the stream encoding only:
  | "out_of_range"
  | "unavailable";

/** A frame that a format cannot hold. `path` is the first place in the frame that it cannot hold. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  readonly code: EncodeErrorCode;
  readonly path: string;

  constructor(code: EncodeErrorCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.code = code;
    this.path = path;
  }
}
