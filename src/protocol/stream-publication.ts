// A publisher's frames in the stream encoding: the skeleton once, and then what has changed.
import type { Pose, Skeleton } from "../codec/index.ts";
import {
  createStreamSkeleton,
  encodeSkeleton,
  payloadBytesMax,
  StreamEncoder,
} from "../codec/stream/index.ts";
import {
  FRAME_HEADER_BYTES,
  MessageType,
  SKELETON_HEADER_BYTES,
  writeFrameHeader,
} from "./data.ts";

/** The frames of one skeleton over one connection. The first pose is the rest of the others. */
export class StreamPublication {
  readonly skeleton: Skeleton;
  /** To be sent before the first frame. */
  readonly skeletonMessage: Uint8Array<ArrayBuffer>;
  readonly #encoder: StreamEncoder;
  readonly #message: Uint8Array<ArrayBuffer>;

  /** @throws {EncodeError} for a name or a number that cannot be sent. */
  constructor(skeleton: Skeleton, rest: Pose) {
    const stream = createStreamSkeleton(skeleton, rest);
    const payload = encodeSkeleton(stream);
    this.skeleton = skeleton;
    this.skeletonMessage = new Uint8Array(SKELETON_HEADER_BYTES + payload.length);
    this.skeletonMessage[0] = MessageType.Skeleton;
    this.skeletonMessage.set(payload, SKELETON_HEADER_BYTES);
    this.#encoder = new StreamEncoder(stream);
    this.#message = new Uint8Array(FRAME_HEADER_BYTES + payloadBytesMax(stream));
  }

  /** The next frame's message, in memory that the next call uses again. @throws {EncodeError} */
  encode(pose: Pose, captureTimeUs: number | null): Uint8Array<ArrayBuffer> {
    const frame = this.#encoder.encode(pose, { captureTimeUs });
    writeFrameHeader(this.#message, 0, frame);
    this.#message.set(frame.payload, FRAME_HEADER_BYTES);
    return this.#message.subarray(0, FRAME_HEADER_BYTES + frame.payload.length);
  }
}
