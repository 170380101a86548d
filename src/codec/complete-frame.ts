// From a client's JSON document to a whole AvatarFrame, or the first place that a fixed layout cannot
// hold. The JSON format does not need this; the other formats always do.
import { EncodeError } from "./errors.ts";
import type { AvatarFrame, BlendShape, Bone, Quaternion, Vector3 } from "./frame.ts";
import { BONE_FIELDS, QUATERNION_COMPONENTS, ROOT_FIELDS, VECTOR_COMPONENTS } from "./json.ts";
import type { ComponentsDocument, FrameDocument } from "./json.ts";

/** Bytes of a name in the binary format. A name of exactly this length has no terminator. */
export const NAME_BYTES_MAX = 64;

const FRAME_KEYS = ["rootTransform", "bones", "blendShapes", "timestamp", "server_timestamp"];
const ROOT_KEYS = ROOT_FIELDS.map(([field]) => field as string);
const BONE_KEYS = ["name", "parent", ...BONE_FIELDS.map(([field]) => field as string)];
const BLEND_SHAPE_KEYS = ["name", "weight"];

// Text that UTF-8 cannot hold.
const LONE_SURROGATE = /\p{Surrogate}/u;

const encoder = new TextEncoder();

/**
 * The frame of `document`, with nothing left out and nothing added. `parent` belongs to the skeleton and is
 * kept. A missing `server_timestamp` is 0, because only the server sets it.
 * @throws {EncodeError} naming the first place that the binary format cannot hold: a documented field that is
 * missing, a property that is not documented, a name that is empty, repeated or over 64 bytes, a number
 * beyond f32.
 */
export function completeFrame(document: FrameDocument): AvatarFrame {
  checkKeys(document, FRAME_KEYS, "$");
  const root = present(document.rootTransform, "$.rootTransform");
  checkKeys(root, ROOT_KEYS, "$.rootTransform");
  const rootTransform = {
    worldPosition: vector(root.worldPosition, "$.rootTransform.worldPosition"),
    worldRotation: quaternion(root.worldRotation, "$.rootTransform.worldRotation"),
    localScale: vector(root.localScale, "$.rootTransform.localScale"),
  };
  const boneNames = new Set<string>();
  const bones = present(document.bones, "$.bones").map((bone, index): Bone => {
    const path = `$.bones[${index}]`;
    checkKeys(bone, BONE_KEYS, path);
    const complete = {
      name: name(bone.name, boneNames, `${path}.name`),
      localPosition: vector(bone.localPosition, `${path}.localPosition`),
      localRotation: quaternion(bone.localRotation, `${path}.localRotation`),
      localScale: vector(bone.localScale, `${path}.localScale`),
    };
    return bone.parent === undefined ? complete : { ...complete, parent: bone.parent };
  });
  const shapeNames = new Set<string>();
  const blendShapes = present(document.blendShapes, "$.blendShapes").map((shape, index) => {
    const path = `$.blendShapes[${index}]`;
    checkKeys(shape, BLEND_SHAPE_KEYS, path);
    const complete: BlendShape = {
      name: name(shape.name, shapeNames, `${path}.name`),
      weight: f32(shape.weight, `${path}.weight`),
    };
    return complete;
  });
  return {
    rootTransform,
    bones,
    blendShapes,
    timestamp: present(document.timestamp, "$.timestamp"),
    server_timestamp: document.server_timestamp ?? 0,
  };
}

/** Checks that a 64-byte name field can hold `value` and that it is not in `taken` yet; adds it there. */
export function checkName(value: string, taken: Set<string>, path: string): void {
  if (value === "") throw new EncodeError("empty_name", path, "expected a name, found none");
  if (value.includes("\0") || LONE_SURROGATE.test(value)) {
    throw new EncodeError("unencodable_name", path, "expected UTF-8 without zero bytes");
  }
  const length = encoder.encode(value).length;
  if (length > NAME_BYTES_MAX) {
    const detail = `the name has ${length} bytes; expected at most ${NAME_BYTES_MAX}`;
    throw new EncodeError("name_too_long", path, detail);
  }
  if (taken.has(value)) {
    throw new EncodeError("duplicate_name", path, `${JSON.stringify(value)} is in the list twice`);
  }
  taken.add(value);
}

function present<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new EncodeError("missing_field", path, "this field is missing");
  return value;
}

function checkKeys(owner: object, known: readonly string[], path: string): void {
  for (const key of Object.keys(owner)) {
    if (known.includes(key)) continue;
    const place = /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    throw new EncodeError("unknown_property", path + place, "only JSON can hold this property");
  }
}

function name(value: string | undefined, taken: Set<string>, path: string): string {
  const text = present(value, path);
  checkName(text, taken, path);
  return text;
}

function vector(value: ComponentsDocument | undefined, path: string): Vector3 {
  const owner = present(value, path);
  checkKeys(owner, VECTOR_COMPONENTS, path);
  return {
    x: f32(owner.x, `${path}.x`),
    y: f32(owner.y, `${path}.y`),
    z: f32(owner.z, `${path}.z`),
  };
}

function quaternion(value: ComponentsDocument | undefined, path: string): Quaternion {
  const owner = present(value, path);
  checkKeys(owner, QUATERNION_COMPONENTS, path);
  return {
    x: f32(owner.x, `${path}.x`),
    y: f32(owner.y, `${path}.y`),
    z: f32(owner.z, `${path}.z`),
    w: f32(owner.w, `${path}.w`),
  };
}

function f32(value: number | undefined, path: string): number {
  const number = present(value, path);
  if (!Number.isFinite(Math.fround(number))) {
    throw new EncodeError("beyond_f32", path, `${number} is beyond the range of a 32-bit float`);
  }
  return number;
}
