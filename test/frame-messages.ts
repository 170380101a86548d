// Frames as a publisher sends them.
import { createPose, encodeBinary, encodeJson, poseOf, skeletonOf } from "../src/codec/index.ts";
import type { AvatarFrame, Format, StreamFormat } from "../src/codec/index.ts";
import {
  createFrameHeader,
  FRAME_HEADER_BYTES,
  StreamPublication,
  writeFrameHeader,
} from "../src/protocol/index.ts";
import type { FrameHeader } from "../src/protocol/index.ts";
import { smallFrame } from "./frames.ts";

/** A frame that only JSON can hold, [B9]: `$.comment` is the place. */
export function jsonOnlyFrame(x: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ ...smallFrame(x), comment: "mine" }));
}

export function encodeFrame(frame: AvatarFrame, format: Format): Uint8Array<ArrayBuffer> {
  return format === "json" ? encodeJson(frame) : encodeBinary(frame);
}

/** A data message that publishes `payload`: a keyframe unless the header says otherwise. */
export function frameMessage(
  payload: Uint8Array,
  header: Partial<FrameHeader> = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader({ ...createFrameHeader(), ...header }, bytes, 0);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** One connection's frames in its format, with a skeleton if the stream format needs one. */
export class FramePublisher {
  readonly #format: StreamFormat;
  readonly #publication = new StreamPublication();

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** The messages that publish a frame. */
  messages(frame: AvatarFrame, captureTimeUs: number | null = null): Uint8Array<ArrayBuffer>[] {
    if (this.#format !== "stream") {
      return [frameMessage(encodeFrame(frame, this.#format), { captureTimeUs })];
    }
    const skeleton = skeletonOf(frame);
    const pose = poseOf(frame, createPose(skeleton));
    const message = this.#publication.encode(skeleton, pose, { captureTimeUs }).slice();
    const { opening } = this.#publication;
    return opening === undefined ? [message] : [opening, message];
  }
}
