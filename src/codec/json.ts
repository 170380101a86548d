// The JSON format: the original's documents, checked but never rewritten.
//
// The original left entries of `bones` and `blendShapes` open, so a document may leave out documented
// fields and add its own; what is documented and present must have its documented type.
//
//   const document = decodeJson(bytes);   // throws DecodeError with a JSON path
//   completeFrame(document);              // throws EncodeError if binary cannot hold it
import { DecodeError } from "./errors.ts";
import type { DecodeErrorCode } from "./errors.ts";
import type { AvatarFrame } from "./frame.ts";
import { findSyntaxError } from "./json-scan.ts";
import { DEFAULT_FRAME_LIMITS } from "./limits.ts";
import type { FrameLimits } from "./limits.ts";

/** A frame as a client sent it: any documented field may be missing, any other may be present. */
export interface FrameDocument {
  readonly rootTransform?: TransformDocument;
  readonly bones?: readonly BoneDocument[];
  readonly blendShapes?: readonly BlendShapeDocument[];
  readonly timestamp?: number;
  readonly server_timestamp?: number;
}

/** A position, rotation or scale: numbers by component. */
export interface ComponentsDocument {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  readonly w?: number;
}

export interface TransformDocument {
  readonly worldPosition?: ComponentsDocument;
  readonly worldRotation?: ComponentsDocument;
  readonly localScale?: ComponentsDocument;
}

export interface BoneDocument {
  readonly name?: string;
  readonly localPosition?: ComponentsDocument;
  readonly localRotation?: ComponentsDocument;
  readonly localScale?: ComponentsDocument;
  readonly parent?: string | null;
}

export interface BlendShapeDocument {
  readonly name?: string;
  readonly weight?: number;
}

export const VECTOR_COMPONENTS = ["x", "y", "z"] as const;
export const QUATERNION_COMPONENTS = ["x", "y", "z", "w"] as const;

/** The documented transforms, in the order in which the binary format lays them out. */
export const ROOT_FIELDS = [
  ["worldPosition", VECTOR_COMPONENTS],
  ["worldRotation", QUATERNION_COMPONENTS],
  ["localScale", VECTOR_COMPONENTS],
] as const;
export const BONE_FIELDS = [
  ["localPosition", VECTOR_COMPONENTS],
  ["localRotation", QUATERNION_COMPONENTS],
  ["localScale", VECTOR_COMPONENTS],
] as const;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/**
 * Reads a frame in JSON.
 * @throws {DecodeError} naming the byte (text that is not JSON) or the JSON path (a wrong type, a
 * number that is not finite, more bones or blend shapes than `limits` allow).
 */
export function decodeJson(
  bytes: Uint8Array,
  limits: FrameLimits = DEFAULT_FRAME_LIMITS,
): FrameDocument {
  const document = parseJson(bytes);
  checkFrame(document, limits);
  return document;
}

/** A frame as UTF-8 JSON. Numbers round-trip exactly, except -0, which JSON.stringify writes as 0. */
export function encodeJson(frame: AvatarFrame): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(frame));
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Parses UTF-8 JSON of any shape. @throws {DecodeError} naming the byte where it is not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) {
    throw new DecodeError("empty", { byteOffset: 0 }, "the body is empty; expected a JSON object");
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    const byteOffset = firstInvalidUtf8(bytes);
    throw new DecodeError("invalid_utf8", { byteOffset }, "expected valid UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message names no place. The slow scanner runs only here.
    const { index, expected } = findSyntaxError(text);
    const mark = hasByteOrderMark(bytes) ? 3 : 0;
    const byteOffset = mark + encoder.encode(text.slice(0, index)).length;
    const found = index >= text.length ? "the text ends" : `found ${quote(text, index)}`;
    throw new DecodeError("syntax", { byteOffset }, `${found} where ${expected} was expected`);
  }
}

function quote(text: string, index: number): string {
  return JSON.stringify(String.fromCodePoint(text.codePointAt(index)!));
}

/** The length of the longest valid prefix, found by halving. Runs only for an error. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    // `stream` accepts a character that is cut off at the end.
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      valid = middle;
    } catch {
      invalid = middle;
    }
  }
  return valid;
}

function checkFrame(value: unknown, limits: FrameLimits): asserts value is FrameDocument {
  if (!isObject(value)) throw wrongType("$", "an object", value);
  const { rootTransform, bones, blendShapes, timestamp, server_timestamp } = value;
  if (rootTransform !== undefined) {
    if (!isObject(rootTransform)) throw wrongType("$.rootTransform", "an object", rootTransform);
    checkTransforms(rootTransform, ROOT_FIELDS, "$.rootTransform", -1);
  }
  if (bones !== undefined) {
    checkList(bones, "$.bones", limits.bonesMax, "too_many_bones");
    for (let index = 0; index < bones.length; index++) checkBone(bones[index], index);
  }
  if (blendShapes !== undefined) {
    checkList(blendShapes, "$.blendShapes", limits.blendShapesMax, "too_many_blend_shapes");
    for (let index = 0; index < blendShapes.length; index++) {
      checkBlendShape(blendShapes[index], index);
    }
  }
  if (timestamp !== undefined) checkNumber(timestamp, "$.timestamp");
  if (server_timestamp !== undefined) checkNumber(server_timestamp, "$.server_timestamp");
}

function checkBone(bone: unknown, index: number): void {
  if (!isObject(bone)) throw wrongType(`$.bones[${index}]`, "an object", bone);
  const { name, parent } = bone;
  if (name !== undefined && typeof name !== "string") {
    throw wrongType(`$.bones[${index}].name`, "a string", name);
  }
  checkTransforms(bone, BONE_FIELDS, "$.bones", index);
  if (parent !== undefined && parent !== null && typeof parent !== "string") {
    throw wrongType(`$.bones[${index}].parent`, "a string or null", parent);
  }
}

function checkBlendShape(shape: unknown, index: number): void {
  if (!isObject(shape)) throw wrongType(`$.blendShapes[${index}]`, "an object", shape);
  const { name, weight } = shape;
  if (name !== undefined && typeof name !== "string") {
    throw wrongType(`$.blendShapes[${index}].name`, "a string", name);
  }
  // Build the path only for a weight that is wrong.
  if (weight !== undefined && !Number.isFinite(weight)) {
    checkNumber(weight, `$.blendShapes[${index}].weight`);
  }
}

function checkTransforms(
  owner: Record<string, unknown>,
  fields: typeof ROOT_FIELDS | typeof BONE_FIELDS,
  ownerPath: string,
  index: number,
): void {
  for (const [field, components] of fields) {
    const value = owner[field];
    if (value === undefined) continue;
    const path = () => `${ownerPath}${index < 0 ? "" : `[${index}]`}.${field}`;
    if (!isObject(value)) throw wrongType(path(), "an object", value);
    for (const component of components) {
      const number = value[component];
      if (number === undefined || Number.isFinite(number)) continue;
      checkNumber(number, `${path()}.${component}`);
    }
  }
}

function checkList(
  value: unknown,
  path: string,
  max: number,
  code: DecodeErrorCode,
): asserts value is unknown[] {
  if (!Array.isArray(value)) throw wrongType(path, "an array", value);
  if (value.length > max) {
    throw new DecodeError(code, { path }, `${value.length} entries; expected at most ${max}`);
  }
}

function checkNumber(value: unknown, path: string): void {
  if (typeof value !== "number") throw wrongType(path, "a number", value);
  if (!Number.isFinite(value)) {
    throw new DecodeError("not_finite", { path }, "expected a finite number");
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The types of JSON values, for error messages.
const KINDS: { readonly [type in string]?: string } = {
  object: "an object",
  string: "a string",
  number: "a number",
  boolean: "a boolean",
};

function wrongType(path: string, expected: string, found: unknown): DecodeError {
  const kind = found === null ? "null" : Array.isArray(found) ? "an array" : KINDS[typeof found];
  return new DecodeError("wrong_type", { path }, `expected ${expected}, found ${kind}`);
}
