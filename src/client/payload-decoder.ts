// Decodes one player's frames in the connection's format.
import {
  BinaryDecoder,
  completeFrame,
  createPose,
  decodeJson,
  EncodeError,
  poseOf,
  skeletonOf,
} from "../codec/index.ts";
import type {
  AvatarFrame,
  FrameDocument,
  Skeleton,
  SkeletonPose,
  StreamFormat,
} from "../codec/index.ts";
import { BONE_FIELDS, ROOT_FIELDS } from "../codec/json.ts";
import type { DecodedPayload, PayloadDecoder } from "./decoded-payload.ts";
import { StreamPayloadDecoder } from "./stream-payload-decoder.ts";

/** A decoder for one player's frames. */
export function createPayloadDecoder(format: StreamFormat): PayloadDecoder {
  switch (format) {
    case "binary":
      return new BinaryPayloadDecoder();
    case "json":
      return new JsonPayloadDecoder();
    case "stream":
      return new StreamPayloadDecoder();
  }
}

class BinaryPayloadDecoder implements PayloadDecoder {
  readonly #decoder = new BinaryDecoder();

  decode(payload: Uint8Array): DecodedPayload {
    return { body: this.#decoder.decode(payload) };
  }
}

class JsonPayloadDecoder implements PayloadDecoder {
  #body: SkeletonPose | undefined;

  decode(payload: Uint8Array): DecodedPayload {
    const document = decodeJson(payload);
    let frame: AvatarFrame;
    try {
      frame = frameOfDocument(document);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      return { document, incompletePath: error.path };
    }
    if (this.#body === undefined || !hasSkeleton(frame, this.#body.skeleton)) {
      const skeleton = skeletonOf(frame);
      this.#body = { skeleton, pose: createPose(skeleton) };
    }
    poseOf(frame, this.#body.pose);
    return { body: this.#body, document };
  }
}

function hasSkeleton({ bones, blendShapes }: AvatarFrame, skeleton: Skeleton): boolean {
  const { boneNames, boneParents, blendShapeNames } = skeleton;
  return (
    bones.length === boneNames.length &&
    blendShapes.length === blendShapeNames.length &&
    bones.every(
      ({ name, parent }, index) =>
        name === boneNames[index] && (parent ?? null) === (boneParents?.[index] ?? null),
    ) &&
    blendShapes.every(({ name }, index) => name === blendShapeNames[index])
  );
}

/** @throws {EncodeError} naming the first documented field that is missing or that a pose cannot hold. */
function frameOfDocument(document: FrameDocument): AvatarFrame {
  try {
    return completeFrame(document);
  } catch (error) {
    if (!(error instanceof EncodeError) || error.code !== "unknown_property") throw error;
    // Properties that the sender adds stay in the document; the pose is shown without them.
    return completeFrame(documentedPart(document));
  }
}

/** The document without the properties that the sender added. */
function documentedPart(document: FrameDocument): FrameDocument {
  const { rootTransform, bones, blendShapes } = document;
  return {
    ...pick(document, ["timestamp", "server_timestamp"]),
    ...(rootTransform && { rootTransform: pickTransforms(rootTransform, ROOT_FIELDS) }),
    ...(bones && {
      bones: bones.map((bone) => ({
        ...pick(bone, ["name", "parent"]),
        ...pickTransforms(bone, BONE_FIELDS),
      })),
    }),
    ...(blendShapes && {
      blendShapes: blendShapes.map((shape) => pick(shape, ["name", "weight"])),
    }),
  };
}

function pickTransforms(owner: object, fields: typeof ROOT_FIELDS | typeof BONE_FIELDS): object {
  const transforms = pick(
    owner,
    fields.map(([field]) => field),
  );
  for (const [field, components] of fields) {
    const transform = transforms[field] ?? null;
    if (transform !== null) transforms[field] = pick(transform, components);
  }
  return transforms;
}

function pick(owner: object, keys: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const key of keys) {
    if (Object.hasOwn(owner, key)) picked[key] = (owner as Record<string, unknown>)[key];
  }
  return picked;
}
