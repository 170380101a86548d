// The motion that the load publishes: encoded once, and known again where it arrives.
import {
  BinaryDecoder,
  completeFrame,
  createPose,
  decodeJson,
  encodeBinary,
  encodeJson,
  poseOf,
  skeletonOf,
} from "../codec/index.ts";
import type { AvatarFrame, Format, Pose } from "../codec/index.ts";
import { FRAME_HEADER_BYTES } from "../protocol/index.ts";
import { decodeClip } from "../recording/clip.ts";

export class LoadClip {
  readonly format: Format;
  /** Frame messages in the clip's order; who sends one writes its header first. */
  readonly messages: readonly Uint8Array<ArrayBuffer>[];
  readonly #poses = new Map<number, Pose>();
  readonly #decoder = new BinaryDecoder();

  /** @throws {DecodeError}, {EncodeError} for a file that is no clip. */
  constructor(file: Uint8Array<ArrayBuffer>, format: Format) {
    this.format = format;
    const frames = decodeClip(file);
    if (frames.length === 0) throw new Error("no frames in it");
    this.messages = frames.map((frame) => {
      this.#poses.set(frame.timestamp, poseOfFrame(frame));
      const payload = encode(frame, format);
      const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
      message.set(payload, FRAME_HEADER_BYTES);
      return message;
    });
  }

  /** Whether a payload decodes to the very frame of the clip that has its time stamp. */
  holds(payload: Uint8Array<ArrayBuffer>): boolean {
    const pose = this.#decode(payload);
    const source = this.#poses.get(pose.timestamp);
    return (
      source !== undefined &&
      isSame(source.root, pose.root) &&
      isSame(source.bones, pose.bones) &&
      isSame(source.blendShapes, pose.blendShapes)
    );
  }

  #decode(payload: Uint8Array<ArrayBuffer>): Pose {
    switch (this.format) {
      case "json":
        return poseOfFrame(completeFrame(decodeJson(payload)));
      case "binary":
        return this.#decoder.decode(payload).pose;
    }
  }
}

function encode(frame: AvatarFrame, format: Format): Uint8Array<ArrayBuffer> {
  switch (format) {
    case "json":
      return encodeJson(frame);
    case "binary":
      return encodeBinary(frame);
  }
}

function poseOfFrame(frame: AvatarFrame): Pose {
  return poseOf(frame, createPose(skeletonOf(frame)));
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
