// Data messages: binary WebSocket messages, little-endian. docs/protocol.md has the grammar.
import { CloseCode } from "./close-codes.ts";
import { ProtocolError } from "./errors.ts";

/** The low 4 bits of a data message's first byte. */
export const MessageType = { Skeleton: 1, Frame: 2, Batch: 3, Ack: 4, Places: 5 } as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** The bits of a data message's first byte that tell its type. */
export const TYPE_MASK = 0x0f;

/** Bytes before the payload of a Skeleton message. */
export const SKELETON_HEADER_BYTES = 1;

/**
 * Frame and Skeleton messages that a connection may publish [S28]. A second: twice the rate of the fastest
 * headsets, 120 Hz. At once: 10 s of 120 Hz, from a connection that was held up as long as silence may last.
 */
export const PUBLISH_LIMIT = { perSecond: 240, burst: 1200 } as const;

const KNOWN_TYPES: (MessageType | undefined)[] = [];
for (const type of Object.values(MessageType)) KNOWN_TYPES[type] = type;

/** The type of a data message. @throws {ProtocolError} for an empty message or an unknown type. */
export function messageTypeOf(bytes: Uint8Array): MessageType {
  if (bytes.length === 0) throw badData("byte 0: the message is empty");
  const type = bytes[0] & TYPE_MASK;
  const known = KNOWN_TYPES[type];
  if (known !== undefined) return known;
  throw new ProtocolError(
    CloseCode.UnknownMessageType,
    `byte 0: data message type ${type} is unknown`,
  );
}

/** The error of a bad data message. `message` begins with the byte's offset. */
export function badData(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

export function writeU32(value: number, out: Uint8Array, at: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
