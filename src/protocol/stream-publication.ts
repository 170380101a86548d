// A publisher's messages in the stream format: the skeleton where a stream begins, then a frame a pose.
//
//   const frame = publication.encode(skeleton, pose, captureTimeUs);
//   if (publication.opening !== undefined) send(publication.opening);
//   send(frame);
import { EncodeError, isSameSkeleton } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import {
  createStreamSkeleton,
  encodeSkeleton,
  isTooCoarse,
  payloadBytesMax,
  StreamEncoder,
  weightScaleOf,
} from "../codec/stream/index.ts";
import type { EncodedStreamFrame, StreamSkeleton } from "../codec/stream/index.ts";
import { MessageType, SKELETON_HEADER_BYTES } from "./data.ts";
import { createFrameHeader, FRAME_HEADER_BYTES, writeFrameHeader } from "./frame-header.ts";

/** The stream that poses are encoded in, until another one has to begin. */
interface OpenStream {
  readonly skeleton: Skeleton;
  readonly encoder: StreamEncoder;
  readonly frameMessage: Uint8Array<ArrayBuffer>;
}

/** What is said of a pose beside itself. */
export interface PoseMark {
  /** When it was captured, in microseconds, whole or its low 32 bits; null: not known. */
  readonly captureTimeUs: number | null;
  /** Counts the publisher's jumps modulo 4; 0, the default, before the first. */
  readonly teleports?: number;
}

/** How often a stream is looked at that may be coarser than needed. Rarely, as each end costs a keyframe. */
const COARSE_FRAMES = 64;

/** One player's frames in the stream format, over one connection. */
export class StreamPublication {
  #stream: OpenStream | undefined;
  #opening: Uint8Array<ArrayBuffer> | undefined;
  #frames = 0;
  // The largest that a frame needed since streams were last looked at.
  #weightScale = 1;
  readonly #header = createFrameHeader();
  readonly #precision: { readonly errorMetres?: number };

  /** `errorMetres`: how far off any point of the body may be because of one bone. Default: 0.02. */
  constructor(precision: { readonly errorMetres?: number | undefined } = {}) {
    const { errorMetres } = precision;
    this.#precision = errorMetres === undefined ? {} : { errorMetres };
  }

  /**
   * The skeleton's message, to be sent before the frame that `encode` returned last. Undefined if that
   * frame continues the stream of the frame before.
   */
  get opening(): Uint8Array<ArrayBuffer> | undefined {
    return this.#opening;
  }

  /** The next frame begins a stream. Call it if a message was not sent: later frames would refer to it. */
  restart(): void {
    this.#stream = undefined;
  }

  /**
   * The message of the next frame, in memory that the next call uses again. A stream continues while
   * skeletons have the same content. Another one begins with a new skeleton, and with a pose that is out
   * of the stream's range, e.g. a weight of 5 or a root that is 2 km from its rest. A stream that is far coarser
   * than a later pose needs ends too. Bones rest as in `skeleton.rest`, or, where it is absent, as in the stream's
   * first pose; the root near where it is in the first pose, see E30a.
   * @throws {EncodeError} for a name or a number that cannot be sent. The stream then continues with the
   * next pose.
   */
  encode(
    skeleton: Skeleton,
    pose: Pose,
    { captureTimeUs, teleports = 0 }: PoseMark,
  ): Uint8Array<ArrayBuffer> {
    this.#opening = undefined;
    const frame =
      this.#continue(skeleton, pose, captureTimeUs) ?? this.#begin(skeleton, pose, captureTimeUs);
    const { frameMessage } = this.#stream!;
    const header = this.#header;
    header.isKey = frame.isKey;
    header.number = frame.number;
    header.captureTimeUs = frame.captureTimeUs;
    header.teleports = teleports;
    writeFrameHeader(header, frameMessage, 0);
    frameMessage.set(frame.payload, FRAME_HEADER_BYTES);
    return frameMessage.subarray(0, FRAME_HEADER_BYTES + frame.payload.length);
  }

  /** The stream's next frame; undefined if another stream has to begin. */
  #continue(
    skeleton: Skeleton,
    pose: Pose,
    captureTimeUs: number | null,
  ): EncodedStreamFrame | undefined {
    const stream = this.#stream;
    if (stream === undefined || !isSameSkeleton(stream.skeleton, skeleton)) return undefined;
    // Coarse for a number that is gone, or for a unit that was not known when the stream began. One wild weight would
    // otherwise keep the face still for good.
    // Weights have their peaks between the frames that are looked at.
    this.#weightScale = Math.max(this.#weightScale, weightScaleOf(pose));
    if (++this.#frames % COARSE_FRAMES === 0) {
      const needed = { ...this.#precision, weightScale: this.#weightScale };
      this.#weightScale = 1;
      if (isTooCoarse(stream.encoder.skeleton, skeleton, pose, needed)) return undefined;
    }
    try {
      return stream.encoder.encode(pose, { captureTimeUs });
    } catch (error) {
      if (error instanceof EncodeError && error.code === "out_of_range") return undefined;
      throw error;
    }
  }

  /**
   * The first frame of a stream whose rest is this pose, in a precision that holds it. An error leaves the last
   * stream as it was.
   */
  #begin(skeleton: Skeleton, pose: Pose, captureTimeUs: number | null): EncodedStreamFrame {
    const weightScale = weightScaleOf(pose);
    const stream = createStreamSkeleton(skeleton, pose, { ...this.#precision, weightScale });
    const opening = skeletonMessageOf(stream);
    const encoder = new StreamEncoder(stream);
    const frame = encoder.encode(pose, { captureTimeUs });
    const frameMessage = new Uint8Array(FRAME_HEADER_BYTES + payloadBytesMax(stream));
    this.#stream = { skeleton, encoder, frameMessage };
    // The number that made the stream begin may have been a wild one.
    this.#weightScale = 1;
    this.#opening = opening;
    return frame;
  }
}

function skeletonMessageOf(stream: StreamSkeleton): Uint8Array<ArrayBuffer> {
  const payload = encodeSkeleton(stream);
  const message = new Uint8Array(SKELETON_HEADER_BYTES + payload.length);
  message[0] = MessageType.Skeleton;
  message.set(payload, SKELETON_HEADER_BYTES);
  return message;
}
