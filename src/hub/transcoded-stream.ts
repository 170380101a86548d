// A player's frames in the stream encoding where its client publishes another format.
import { EncodeError, isSameSkeleton } from "../codec/index.ts";
import type { FrameLimits, Pose, Skeleton } from "../codec/index.ts";
import { createStreamSkeleton, encodeSkeleton, StreamEncoder } from "../codec/stream/index.ts";
import { FRAME_HEADER_BYTES, writeFrameHeader } from "../protocol/index.ts";
import { PlayerStream } from "./player-stream.ts";
import type { StoredFrame } from "./stored-frame.ts";

/** Encodes the frames of a player who publishes in another format, one a tick, for those who stream. */
export class TranscodedStream {
  readonly #limits: FrameLimits;
  #encoder: StreamEncoder | undefined;
  #stream: PlayerStream | undefined;
  #revision = -1;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /**
   * The stream with this frame as its newest; encodes it if it is new.
   * @throws {EncodeError} where the encoding cannot hold it.
   */
  upTo(frame: StoredFrame): PlayerStream {
    if (this.#stream !== undefined && frame.revision === this.#revision) return this.#stream;
    try {
      return this.#encode(frame);
    } catch (error) {
      // Who joins now is given no state to go on from: the stream begins anew with a frame that fits.
      this.#encoder = undefined;
      this.#stream = undefined;
      throw error;
    }
  }

  markSent(): void {
    this.#stream?.markSent();
  }

  resend(): void {
    this.#stream?.resend();
  }

  settle(): boolean {
    return this.#stream?.settle() ?? false;
  }

  #encode(frame: StoredFrame): PlayerStream {
    const { skeleton, pose } = frame.posed();
    const { captureTimeUs, revision } = frame;
    const encoded =
      this.#goOn(skeleton, pose, captureTimeUs) ?? this.#begin(skeleton, pose, captureTimeUs);
    const message = new Uint8Array(FRAME_HEADER_BYTES + encoded.payload.length);
    writeFrameHeader(message, 0, encoded);
    message.set(encoded.payload, FRAME_HEADER_BYTES);
    this.#stream!.accept(message, encoded, revision);
    this.#revision = revision;
    return this.#stream!;
  }

  /** The stream's next frame; undefined where one has to begin. */
  #goOn(skeleton: Skeleton, pose: Pose, captureTimeUs: number) {
    const encoder = this.#encoder;
    if (encoder === undefined || !isSameSkeleton(skeleton, encoder.skeleton.skeleton))
      return undefined;
    try {
      return encoder.encode(pose, { captureTimeUs });
    } catch (error) {
      // Too far from the rest: this pose becomes another stream's.
      if (error instanceof EncodeError && error.code === "out_of_range") return undefined;
      throw error;
    }
  }

  #begin(skeleton: Skeleton, pose: Pose, captureTimeUs: number) {
    this.#encoder = new StreamEncoder(createStreamSkeleton(skeleton, pose));
    this.#stream = new PlayerStream(encodeSkeleton(this.#encoder.skeleton), this.#limits);
    return this.#encoder.encode(pose, { captureTimeUs });
  }
}
