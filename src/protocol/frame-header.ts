// The header of a Frame message, which a publisher sends: flags:u8 number:u8 captureTime:u32. Bits 0-3 of the flags
// are the type, bit 4 says keyframe, bit 5 that the capture time is not known, bits 6-7 are the teleport count.
import { badData, MessageType, readU32, TYPE_MASK, writeU32 } from "./data.ts";

const KEY_FLAG = 0x10;
const NO_CAPTURE_TIME_FLAG = 0x20;
const TELEPORTS_SHIFT = 6;

/** Bytes before the payload of a Frame message. */
export const FRAME_HEADER_BYTES = 6;

/** What is said of a frame beside its payload and its time, in a publisher's message and in batches. */
export interface FrameMark {
  /** The frame refers to no other frame. JSON and binary frames never do. */
  isKey: boolean;
  /** Counts the publisher's frames modulo 256. In the stream format it tells the layer too. */
  number: number;
  /** Counts the publisher's jumps modulo 4: motion does not lead from a frame to one with another count. */
  teleports: number;
}

/** The header of a publisher's frame. */
export interface FrameHeader extends FrameMark {
  /** Low 32 bits of the capture time in microseconds on the server's clock; null: not known. */
  captureTimeUs: number | null;
}

/** A header to read others into. */
export function createFrameHeader(): FrameHeader {
  return { isKey: true, number: 0, teleports: 0, captureTimeUs: null };
}

/** Writes the 6 bytes of a frame's header to `out` at `at`. */
export function writeFrameHeader(header: Readonly<FrameHeader>, out: Uint8Array, at: number): void {
  const time = header.captureTimeUs;
  out[at] =
    MessageType.Frame |
    (header.isKey ? KEY_FLAG : 0) |
    (time === null ? NO_CAPTURE_TIME_FLAG : 0) |
    (header.teleports << TELEPORTS_SHIFT);
  out[at + 1] = header.number;
  writeU32(time ?? 0, out, at + 2);
}

/** Reads the 6 bytes at `at` into `out`. @throws {ProtocolError} if they are not a frame's header. */
export function readFrameHeader(bytes: Uint8Array, at: number, out: FrameHeader): FrameHeader {
  if (bytes.length < at + FRAME_HEADER_BYTES)
    throw badData(`byte ${bytes.length}: the frame's header is cut off`);
  const flags = bytes[at];
  if ((flags & TYPE_MASK) !== MessageType.Frame) throw badData(`byte ${at}: expected a frame`);
  out.isKey = (flags & KEY_FLAG) !== 0;
  out.number = bytes[at + 1];
  out.teleports = flags >> TELEPORTS_SHIFT;
  out.captureTimeUs = (flags & NO_CAPTURE_TIME_FLAG) === 0 ? readU32(bytes, at + 2) : null;
  return out;
}
