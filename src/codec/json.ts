// The JSON format: the original's documents, checked but never rewritten.
//
// The original left entries of `bones` and `blendShapes` open, so a document may leave out documented
// fields, or write null for them, and add its own. What is documented and present must have its documented type.
//
//   const document = decodeJson(bytes);   // throws DecodeError with a JSON path
//   completeFrame(document);              // throws EncodeError if binary cannot hold it
import { DecodeError, JsonSyntaxError } from "./errors.ts";
import type { DecodeErrorCode } from "./errors.ts";
import { checkJsonBounds } from "./json-bounds.ts";
import { findSyntaxError } from "./json-scan.ts";
import { DEFAULT_FRAME_LIMITS } from "./limits.ts";
import type { FrameLimits } from "./limits.ts";

/** A frame as a client sent it: any documented field may be missing or null, any other may be present. */
export interface FrameDocument {
  readonly rootTransform?: TransformDocument | null;
  readonly bones?: readonly BoneDocument[] | null;
  readonly blendShapes?: readonly BlendShapeDocument[] | null;
  readonly timestamp?: number | null;
  readonly server_timestamp?: number | null;
}

/** A position, rotation or scale: numbers by component. */
export interface ComponentsDocument {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  readonly w?: number;
}

export interface TransformDocument {
  readonly worldPosition?: ComponentsDocument | null;
  readonly worldRotation?: ComponentsDocument | null;
  readonly localScale?: ComponentsDocument | null;
}

export interface BoneDocument {
  readonly name?: string | null;
  readonly localPosition?: ComponentsDocument | null;
  readonly localRotation?: ComponentsDocument | null;
  readonly localScale?: ComponentsDocument | null;
  /** Null and the empty string: no parent. */
  readonly parent?: string | null;
}

export interface BlendShapeDocument {
  readonly name?: string | null;
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
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
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

/** A frame as UTF-8 JSON. Numbers round-trip exactly. */
export function encodeJson(frame: FrameDocument): Uint8Array<ArrayBuffer> {
  return encoder.encode(hasMinusZero(frame) ? textOf(frame) : JSON.stringify(frame));
}

function hasMinusZero({ rootTransform, bones, blendShapes }: FrameDocument): boolean {
  return (
    isMinusZero(rootTransform?.worldPosition) ||
    isMinusZero(rootTransform?.worldRotation) ||
    isMinusZero(rootTransform?.localScale) ||
    bones?.some(
      ({ localPosition, localRotation, localScale }) =>
        isMinusZero(localPosition) || isMinusZero(localRotation) || isMinusZero(localScale),
    ) === true ||
    blendShapes?.some(({ weight }) => Object.is(weight, -0)) === true
  );
}

const isMinusZero = (numbers: ComponentsDocument | null | undefined) =>
  Object.is(numbers?.x, -0) ||
  Object.is(numbers?.y, -0) ||
  Object.is(numbers?.z, -0) ||
  Object.is(numbers?.w, -0);

/** As JSON.stringify, which writes -0 as 0. Several times slower. */
function textOf(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  let members = "";
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members += `,${JSON.stringify(key)}:${textOf(member)}`;
  }
  return `{${members.slice(1)}}`;
}

/**
 * Parses UTF-8 JSON of any shape.
 * @throws {DecodeError} naming the byte where it is not JSON, too deep, or has too many values.
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) {
    throw new DecodeError("empty", { byteOffset: 0 }, "the body is empty; expected a JSON object");
  }
  checkJsonBounds(bytes);
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
    // The engine's message names no place.
    const { byteOffset, path, expected } = findSyntaxError(bytes);
    const found =
      byteOffset >= bytes.length ? "the text ends" : `found ${quote(bytes, byteOffset)}`;
    const detail = `${found} where ${expected} was expected`;
    throw new JsonSyntaxError({ byteOffset, path }, detail, expected);
  }
}

const CHARACTER_BYTES_MAX = 4;

function quote(bytes: Uint8Array, byteOffset: number): string {
  const characters = lenient.decode(bytes.subarray(byteOffset, byteOffset + CHARACTER_BYTES_MAX));
  return JSON.stringify(String.fromCodePoint(characters.codePointAt(0)!));
}

/** The length of the longest valid prefix, found by halving what is left. Runs only for an error. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  // `start` is the start of a character, `valid` may be within it.
  let start = 0;
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    // `stream` accepts a character that is cut off at the end.
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, middle), {
        stream: true,
      });
      valid = middle;
      start = characterStart(bytes, middle);
    } catch {
      invalid = middle;
    }
  }
  return valid;
}

/** Where the last character before `end` begins. Up to there the bytes are valid. */
function characterStart(bytes: Uint8Array, end: number): number {
  let start = end - 1;
  while (start > 0 && (bytes[start] & 0xc0) === 0x80) start--;
  return start;
}

function checkFrame(value: unknown, limits: FrameLimits): asserts value is FrameDocument {
  if (!isObject(value)) throw wrongType("$", "an object", value, causeOfRoot(value));
  const { rootTransform, bones, blendShapes, timestamp, server_timestamp } = value;
  if (!isAbsent(rootTransform)) {
    if (!isObject(rootTransform)) throw wrongType("$.rootTransform", "an object", rootTransform);
    checkTransforms(rootTransform, ROOT_FIELDS, "$.rootTransform", -1);
  }
  if (!isAbsent(bones)) {
    checkList(bones, "$.bones", limits.bonesMax, "too_many_bones");
    for (let index = 0; index < bones.length; index++) checkBone(bones[index], index);
  }
  if (!isAbsent(blendShapes)) {
    checkList(blendShapes, "$.blendShapes", limits.blendShapesMax, "too_many_blend_shapes");
    for (let index = 0; index < blendShapes.length; index++) {
      checkBlendShape(blendShapes[index], index);
    }
  }
  if (!isAbsent(timestamp)) checkNumber(timestamp, "$.timestamp");
  if (!isAbsent(server_timestamp)) checkNumber(server_timestamp, "$.server_timestamp");
}

function checkBone(bone: unknown, index: number): void {
  if (!isObject(bone)) throw wrongType(`$.bones[${index}]`, "an object", bone);
  const { name, parent } = bone;
  if (!isAbsent(name) && typeof name !== "string") {
    throw wrongType(`$.bones[${index}].name`, "a string", name);
  }
  checkTransforms(bone, BONE_FIELDS, "$.bones", index);
  if (!isAbsent(parent) && typeof parent !== "string") {
    throw wrongType(`$.bones[${index}].parent`, "the parent bone's name or null", parent);
  }
}

function checkBlendShape(shape: unknown, index: number): void {
  if (!isObject(shape)) throw wrongType(`$.blendShapes[${index}]`, "an object", shape);
  const { name, weight } = shape;
  if (!isAbsent(name) && typeof name !== "string") {
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
    if (isAbsent(value)) continue;
    const path = () => `${ownerPath}${index < 0 ? "" : `[${index}]`}.${field}`;
    if (!isObject(value)) {
      throw wrongType(path(), `an object of ${components.join(", ")}`, value);
    }
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
  if (typeof value !== "number") throw wrongType(path, "a number", value, causeOfNumber(value));
  if (!Number.isFinite(value)) {
    throw new DecodeError("not_finite", { path }, "expected a finite number");
  }
}

/** Go writes null for an empty list, C# for an object or text that nobody has set: it means the same as nothing. */
const isAbsent = (value: unknown) => value === undefined || value === null;

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

function wrongType(path: string, expected: string, found: unknown, cause = ""): DecodeError {
  const kind = found === null ? "null" : Array.isArray(found) ? "an array" : KINDS[typeof found];
  return new DecodeError("wrong_type", { path }, `expected ${expected}, found ${kind}${cause}`);
}

function causeOfRoot(value: unknown): string {
  const isDocument = typeof value === "string" && /^\s*\{/.test(value);
  return isDocument ? ": it is JSON inside of a string, so it was serialised twice" : "";
}

function causeOfNumber(value: unknown): string {
  if (value === null) return ": JavaScript writes NaN and Infinity so";
  return typeof value === "string" ? ": numbers have no quotes" : "";
}
