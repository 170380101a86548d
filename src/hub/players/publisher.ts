// What a connection publishes: its data messages, onto its player.
import { DecodeError } from "../../codec/index.ts";
import type { StreamFormat } from "../../codec/index.ts";
import {
  CloseCode,
  FRAME_HEADER_BYTES,
  MessageType,
  ProtocolError,
  PUBLISH_LIMIT,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
} from "../../protocol/index.ts";
import type { FrameHeader } from "../../protocol/index.ts";
import type { Player } from "./player.ts";
import type { Subscriber } from "../fan-out/receiver.ts";

// Written over by each frame: nobody keeps it.
const frameHeader: FrameHeader = { layer: 0, isKey: false, number: 0, captureTimeUs: null };

const TOO_FAST = `more than ${PUBLISH_LIMIT.perSecond} frames a second`;

/**
 * Takes a Frame or a Skeleton message over, and gives back whose it is; undefined: there were too many, and
 * it was dropped.
 * @throws {ProtocolError} for one that is not to be read, has no place in this format, or cannot be dropped.
 */
export function receivePublished(
  subscriber: Subscriber,
  type: typeof MessageType.Frame | typeof MessageType.Skeleton,
  bytes: Uint8Array<ArrayBuffer>,
  nowMs: number,
): Player | undefined {
  const { player } = subscriber;
  const { format } = subscriber.connection;
  if (player === undefined) throw bad("byte 0: a spectator publishes nothing");
  if (!subscriber.published.take(nowMs)) {
    player.reject("too_fast", TOO_FAST, nowMs);
    // Later ones refer to it.
    if (format === "stream") throw new ProtocolError(CloseCode.TooFast, TOO_FAST);
    return undefined;
  }
  try {
    if (type === MessageType.Skeleton) {
      receiveSkeleton(player, format, bytes);
      subscriber.hasSkeleton = true;
    } else {
      // Else it would go on with what another connection has sent of this player.
      if (format === "stream" && !subscriber.hasSkeleton) {
        throw bad("byte 0: expected a skeleton before any frame");
      }
      receiveFrame(player, format, bytes, nowMs);
    }
  } catch (error) {
    if (error instanceof ProtocolError) player.reject("bad_message", error.message, nowMs);
    throw error;
  }
  return player;
}

function receiveSkeleton(
  player: Player,
  format: StreamFormat,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  if (format !== "stream") throw bad(`byte 0: ${format} frames need no skeleton`);
  try {
    player.beginStream(bytes.subarray(SKELETON_HEADER_BYTES));
  } catch (error) {
    if (error instanceof DecodeError) throw bad(`the skeleton: ${error.message}`);
    throw error;
  }
}

function receiveFrame(
  player: Player,
  format: StreamFormat,
  bytes: Uint8Array<ArrayBuffer>,
  nowMs: number,
): void {
  const header = readFrameHeader(bytes, 0, frameHeader);
  if (format === "stream") return player.publishStreamed(bytes, header, nowMs);
  if (header.layer !== 0 || !header.isKey) {
    throw bad(`byte 0: every ${format} frame is a keyframe of layer 0`);
  }
  const { captureTimeUs } = header;
  const payload = bytes.subarray(FRAME_HEADER_BYTES);
  try {
    player.publish({ format, bytes: payload, source: "stream", nowMs, captureTimeUs });
  } catch (error) {
    if (error instanceof DecodeError) throw bad(`the frame's payload: ${error.message}`);
    throw error;
  }
}

function bad(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}
