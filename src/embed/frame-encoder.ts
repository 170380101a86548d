// Frame encoder: a frame in whatever form an application has it, as the hub takes it.
import { BinaryEncoder, encodeJson, frameOf } from "../codec/index.ts";
import type { AvatarFrame, Format, Pose, Skeleton } from "../codec/index.ts";
import { FORMATS } from "../codec/format.ts";

/** A frame in any form: a JSON document, names and numbers, or the body of a POST (taken over). */
export type PublishedFrame =
  | AvatarFrame
  | { readonly skeleton: Skeleton; readonly pose: Pose }
  | EncodedFrame;

/** A frame as the body of a POST. */
export interface EncodedFrame {
  readonly format: Format;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

// A document of none of these would replace what a player shows with nothing.
const DOCUMENT_PARTS = ["rootTransform", "bones", "blendShapes"];

/** Encodes frames. What a skeleton's poses have in common is encoded once. */
export class FrameEncoder {
  readonly #encoders = new WeakMap<Skeleton, BinaryEncoder>();

  /**
   * @throws {TypeError} for a value of none of the forms; {RangeError} for a pose of another size than its
   * skeleton; {EncodeError} for a name or number that cannot be sent.
   */
  encode(frame: PublishedFrame): EncodedFrame {
    checkForm(frame);
    if ("bytes" in frame) return frame;
    if (!("pose" in frame)) return { format: "json", bytes: encodeJson(frame) };
    const { skeleton, pose } = frame;
    // Binary has no place for parents.
    if (skeleton.boneParents !== undefined) {
      return { format: "json", bytes: encodeJson(frameOf(skeleton, pose)) };
    }
    const encoder = this.#encoders.get(skeleton) ?? new BinaryEncoder(skeleton);
    this.#encoders.set(skeleton, encoder);
    return { format: "binary", bytes: encoder.encode(pose) };
  }
}

function checkForm(frame: unknown): void {
  if (isObject(frame)) {
    const { format, bytes, skeleton, pose } = frame;
    if ("bytes" in frame) {
      if (bytes instanceof Uint8Array && FORMATS.some((known) => known === format)) return;
    } else if ("pose" in frame || "skeleton" in frame) {
      if (isObject(skeleton) && isObject(pose)) return;
    } else if (DOCUMENT_PARTS.some((part) => part in frame)) {
      return;
    }
  }
  const found = isObject(frame) ? `{${Object.keys(frame).join(", ")}}` : String(frame);
  throw new TypeError(
    `frame ${found}: expected { skeleton, pose }, { format, bytes } with format ${FORMATS.join(" or ")}, ` +
      "or a document of rootTransform, bones and blendShapes",
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
