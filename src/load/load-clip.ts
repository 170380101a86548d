// A clip in a format whose frames need no other frames: encoded once, recognised by its time stamps.
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
import { createFrameHeader, FRAME_HEADER_BYTES, writeFrameHeader } from "../protocol/index.ts";
import type { Clip } from "../recording/clip.ts";
import type { Inspector, LoadMotion, Publication } from "./load-motion.ts";

export class LoadClip implements LoadMotion {
  readonly format: Format;
  /** Frame messages in the clip's order. The sender of one writes its header first. */
  readonly messages: readonly Uint8Array<ArrayBuffer>[];
  readonly #poses = new Map<number, Pose>();
  readonly #decoder = new BinaryDecoder();

  /** @throws {EncodeError} for a frame that the format cannot hold. */
  constructor(frames: Clip, format: Format) {
    this.format = format;
    this.messages = frames.map((frame) => {
      this.#poses.set(frame.timestamp, poseOfFrame(frame));
      const payload = encode(frame, format);
      const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
      message.set(payload, FRAME_HEADER_BYTES);
      return message;
    });
  }

  get frameCount(): number {
    return this.messages.length;
  }

  publication(firstFrame: number): Publication {
    return new ClipPublication(this.messages, firstFrame);
  }

  inspector(): Inspector {
    return {
      inspect: (_, { batch }, isDue) => (isDue ? this.holds(batch.payload) : undefined),
      forget: () => {},
    };
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

class ClipPublication implements Publication {
  readonly opening = undefined;
  readonly #messages: readonly Uint8Array<ArrayBuffer>[];
  readonly #header = createFrameHeader();
  #index: number;

  constructor(messages: readonly Uint8Array<ArrayBuffer>[], firstFrame: number) {
    this.#messages = messages;
    this.#index = firstFrame;
  }

  next(sentLow32: number): Uint8Array<ArrayBuffer> {
    const message = this.#messages[this.#index];
    this.#header.number = (this.#header.number + 1) & 0xff;
    this.#header.captureTimeUs = sentLow32;
    writeFrameHeader(this.#header, message, 0);
    this.skip();
    return message;
  }

  skip(): void {
    this.#index = (this.#index + 1) % this.#messages.length;
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
