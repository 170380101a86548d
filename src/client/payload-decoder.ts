// Frames of one player as they come over a stream, in the connection's format.
import {
  BinaryDecoder,
  completeFrame,
  createPose,
  decodeJson,
  EncodeError,
  poseOf,
  skeletonOf,
} from "../codec/index.ts";
import type { AvatarFrame, FrameDocument, Pose, Skeleton, StreamFormat } from "../codec/index.ts";
import type { FrameHeader } from "../protocol/index.ts";
import { StreamPayloadDecoder } from "./stream-payload-decoder.ts";
import { BONE_FIELDS, ROOT_FIELDS } from "../codec/json.ts";

/** One decoded frame. The pose is used again by the next one. */
export interface DecodedPayload {
  /** What the names are, the same object as long as they stay the same, and the numbers. */
  readonly posed?: { readonly skeleton: Skeleton; readonly pose: Pose };
  /** JSON only: the frame as it was posted. */
  readonly document?: FrameDocument;
  /** JSON only: the first place that keeps the document from being a pose. */
  readonly incompletePath?: string;
  /** Stream only: it refers to a frame that is not here. True: only a keyframe mends that. */
  readonly isReferenceMissing?: boolean;
}

export interface PayloadDecoder {
  /** @throws {DecodeError}. The decoder is good for further frames. */
  decode(payload: Uint8Array, header: FrameHeader): DecodedPayload;
  /** Stream only: what stands for the frames after it. @throws {DecodeError}. */
  setSkeleton?(payload: Uint8Array): void;
}

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
    return { posed: this.#decoder.decode(payload) };
  }
}

class JsonPayloadDecoder implements PayloadDecoder {
  #posed: { readonly skeleton: Skeleton; readonly pose: Pose } | undefined;

  decode(payload: Uint8Array): DecodedPayload {
    const document = decodeJson(payload);
    let frame: AvatarFrame;
    try {
      frame = frameOfDocument(document);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      return { document, incompletePath: error.path };
    }
    if (this.#posed === undefined || !hasSkeleton(frame, this.#posed.skeleton)) {
      const skeleton = skeletonOf(frame);
      this.#posed = { skeleton, pose: createPose(skeleton) };
    }
    poseOf(frame, this.#posed.pose);
    return { posed: this.#posed, document };
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

/** @throws {EncodeError} where a documented field is missing or is no pose's. */
function frameOfDocument(document: FrameDocument): AvatarFrame {
  try {
    return completeFrame(document);
  } catch (error) {
    if (!(error instanceof EncodeError) || error.code !== "unknown_property") throw error;
    // What the sender adds of its own stands in the document; the pose can be shown without it.
    return completeFrame(documentedPart(document));
  }
}

/** The document without properties of the sender's own. */
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
    if (field in transforms) transforms[field] = pick(transforms[field] as object, components);
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
