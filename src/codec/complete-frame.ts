// From a client's JSON document to a whole AvatarFrame, or the first place that a fixed layout cannot
// hold. The JSON format does not need this; the other formats always do. What serialisers leave out or write as
// null is as at rest.
import { EncodeError } from "./errors.ts";
import type { AvatarFrame, BlendShape, Bone, Quaternion, Vector3 } from "./frame.ts";
import { memberStep } from "./json-path.ts";
import { BONE_FIELDS, QUATERNION_COMPONENTS, ROOT_FIELDS, VECTOR_COMPONENTS } from "./json.ts";
import type { BoneDocument, ComponentsDocument, FrameDocument } from "./json.ts";

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
 * The frame of `document`. What is missing or null is as at rest: positions and weights 0, rotations none, scales 1,
 * lists empty. A missing `timestamp` is `server_timestamp`, and that, if missing, is 0. `parent` belongs to the
 * skeleton and is kept; an empty one is null.
 * @throws {EncodeError} naming the first place that the binary format cannot hold: a property that is not documented, a
 * name that is missing, empty, repeated or over 64 bytes, a number beyond f32, or what cannot be guessed: a rotation's
 * `w`, the positions of bones none of which has one, a document without any of a frame's parts.
 */
export function completeFrame(document: FrameDocument): AvatarFrame {
  checkKeys(document, FRAME_KEYS, "$");
  const { rootTransform: root, bones, blendShapes, timestamp, server_timestamp } = document;
  present(
    root ?? bones ?? blendShapes,
    "$.rootTransform",
    "this field, bones and blendShapes are missing",
  );
  if (root) checkKeys(root, ROOT_KEYS, "$.rootTransform");
  const rootTransform = {
    worldPosition: vector(root?.worldPosition, 0, "$.rootTransform.worldPosition"),
    worldRotation: quaternion(root?.worldRotation, "$.rootTransform.worldRotation"),
    localScale: vector(root?.localScale, 1, "$.rootTransform.localScale"),
  };
  const boneNames = new Set<string>();
  const completeBones = (bones ?? []).map((bone, index): Bone => {
    const path = `$.bones[${index}]`;
    checkKeys(bone, BONE_KEYS, path);
    const complete = {
      name: name(bone.name, boneNames, `${path}.name`),
      localPosition: vector(bone.localPosition, 0, `${path}.localPosition`),
      localRotation: quaternion(bone.localRotation, `${path}.localRotation`),
      localScale: vector(bone.localScale, 1, `${path}.localScale`),
    };
    return bone.parent === undefined ? complete : { ...complete, parent: bone.parent || null };
  });
  checkPositions(bones ?? []);
  const shapeNames = new Set<string>();
  const completeShapes = (blendShapes ?? []).map((shape, index): BlendShape => {
    const path = `$.blendShapes[${index}]`;
    checkKeys(shape, BLEND_SHAPE_KEYS, path);
    return {
      name: name(shape.name, shapeNames, `${path}.name`),
      weight: f32(shape.weight ?? 0, `${path}.weight`),
    };
  });
  return {
    rootTransform,
    bones: completeBones,
    blendShapes: completeShapes,
    timestamp: timestamp ?? server_timestamp ?? 0,
    server_timestamp: server_timestamp ?? 0,
  };
}

/** Of bones without positions nobody can tell a body. */
function checkPositions(bones: readonly BoneDocument[]): void {
  if (bones.length === 0 || bones.some(({ localPosition }) => localPosition)) return;
  present(undefined, "$.bones[0].localPosition", "no bone has this field");
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

function present<T>(
  value: T | undefined | null,
  path: string,
  detail = "this field is missing",
): T {
  if (value !== undefined && value !== null) return value;
  throw new EncodeError("missing_field", path, detail);
}

function checkKeys(owner: object, known: readonly string[], path: string): void {
  for (const key of Object.keys(owner)) {
    if (known.includes(key)) continue;
    const meant = known.find((each) => letters(each) === letters(key));
    const detail =
      meant === undefined
        ? "only JSON can hold this property"
        : `this property is spelt ${meant}: have your serialiser write names in camel case`;
    throw new EncodeError("unknown_property", path + memberStep(key), detail);
  }
}

/** Serialisers of C#, Go and Python write RootTransform and root_transform. */
const letters = (key: string) => key.replaceAll(/[_-]/g, "").toLowerCase();

function name(value: string | undefined | null, taken: Set<string>, path: string): string {
  const text = present(value, path);
  checkName(text, taken, path);
  return text;
}

function vector(
  value: ComponentsDocument | undefined | null,
  atRest: number,
  path: string,
): Vector3 {
  if (!value) return { x: atRest, y: atRest, z: atRest };
  checkKeys(value, VECTOR_COMPONENTS, path);
  return {
    x: f32(value.x ?? atRest, `${path}.x`),
    y: f32(value.y ?? atRest, `${path}.y`),
    z: f32(value.z ?? atRest, `${path}.z`),
  };
}

function quaternion(value: ComponentsDocument | undefined | null, path: string): Quaternion {
  if (!value) return { x: 0, y: 0, z: 0, w: 1 };
  checkKeys(value, QUATERNION_COMPONENTS, path);
  return {
    x: f32(value.x ?? 0, `${path}.x`),
    y: f32(value.y ?? 0, `${path}.y`),
    z: f32(value.z ?? 0, `${path}.z`),
    w: f32(present(value.w, `${path}.w`, EULER), `${path}.w`),
  };
}

const EULER =
  "this field is missing: a rotation is a quaternion of x, y, z and w, not Euler angles";

function f32(number: number, path: string): number {
  if (!Number.isFinite(Math.fround(number))) {
    throw new EncodeError("beyond_f32", path, `${number} is beyond the range of a 32-bit float`);
  }
  return number;
}
