// A publisher: what one connection sends of its player's frames, checked, and put onto the player.
import { DecodeError } from "../../codec/index.ts";
import type { StreamFormat } from "../../codec/index.ts";
import {
  CloseCode,
  FRAME_HEADER_BYTES,
  MessageType,
  ProtocolError,
  PUBLISH_LIMIT,
  createFrameHeader,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
  TokenBucket,
} from "../../protocol/index.ts";
import type { PlayerStream } from "./player-stream.ts";
import type { Player } from "./player.ts";

// Overwritten by each frame: nobody keeps it.
const frameHeader = createFrameHeader();

const TOO_FAST = `more than ${PUBLISH_LIMIT.perSecond} frames a second`;

export class Publisher {
  readonly player: Player;
  readonly #format: StreamFormat;
  readonly #limit: TokenBucket;
  // Of the skeleton that came over this connection. Without this, frames would continue a stream begun by
  // another connection.
  #stream: PlayerStream | undefined;

  constructor(player: Player, format: StreamFormat, nowMs: number) {
    this.player = player;
    this.#format = format;
    this.#limit = new TokenBucket(PUBLISH_LIMIT, nowMs);
  }

  /**
   * Takes over a Frame or a Skeleton message.
   * @returns false if it was dropped: there were too many, or a newer frame has come before.
   * @throws {ProtocolError} for one that cannot be read, does not belong in this format, or cannot be dropped.
   */
  receive(
    type: typeof MessageType.Frame | typeof MessageType.Skeleton,
    bytes: Uint8Array<ArrayBuffer>,
    nowMs: number,
  ): boolean {
    if (!this.#limit.take(nowMs)) {
      this.player.reject("too_fast", TOO_FAST, nowMs);
      // Later frames of a stream refer to this one.
      if (this.#format === "stream") throw new ProtocolError(CloseCode.TooFast, TOO_FAST);
      return false;
    }
    try {
      if (type === MessageType.Frame) return this.#receiveFrame(bytes, nowMs);
      this.#receiveSkeleton(bytes);
      return true;
    } catch (error) {
      if (error instanceof ProtocolError) this.player.reject("bad_message", error.message, nowMs);
      throw error;
    }
  }

  #receiveSkeleton(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#format !== "stream") throw bad(`byte 0: ${this.#format} frames need no skeleton`);
    try {
      this.#stream = this.player.openStream(bytes.subarray(SKELETON_HEADER_BYTES));
    } catch (error) {
      if (error instanceof DecodeError) throw bad(`the skeleton: ${error.message}`);
      throw error;
    }
  }

  #receiveFrame(bytes: Uint8Array<ArrayBuffer>, nowMs: number): boolean {
    const format = this.#format;
    if (format === "stream") {
      if (this.#stream === undefined) throw bad("byte 0: expected a skeleton before any frame");
      const header = readFrameHeader(bytes, 0, frameHeader);
      this.player.publishStreamed(this.#stream, bytes, header, nowMs);
      return true;
    }
    const header = readFrameHeader(bytes, 0, frameHeader);
    if (!header.isKey) throw bad(`byte 0: every ${format} frame is a keyframe`);
    const { captureTimeUs, teleports } = header;
    const payload = bytes.subarray(FRAME_HEADER_BYTES);
    try {
      const frame = {
        format,
        bytes: payload,
        source: "stream",
        nowMs,
        captureTimeUs,
        teleports,
      } as const;
      return this.player.publish(frame);
    } catch (error) {
      if (error instanceof DecodeError) throw bad(`the frame's payload: ${error.message}`);
      throw error;
    }
  }
}

function bad(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}
