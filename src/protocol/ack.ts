// An acknowledgement: type:u8 sequence:u32.
import { badData, MessageType, readU32, writeU32 } from "./data.ts";

const ACK_BYTES = 5;

/** An acknowledgement: the newest batch that a receiver has read. */
export function encodeAck(sequence: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ACK_BYTES);
  bytes[0] = MessageType.Ack;
  writeU32(sequence, bytes, 1);
  return bytes;
}

/** @throws {ProtocolError} unless the message has 5 bytes. */
export function decodeAck(bytes: Uint8Array): number {
  if (bytes.length !== ACK_BYTES)
    throw badData(`byte 0: the ack has ${bytes.length} bytes; expected ${ACK_BYTES}`);
  return readU32(bytes, 1);
}
