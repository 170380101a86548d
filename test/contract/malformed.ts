// Messages that break a rule, with the close code and a part of the reason that they must give.
import { encodeBinary } from "../../src/codec/index.ts";
import { CloseCode } from "../../src/protocol/index.ts";
import { smallFrame } from "../frames.ts";
import type { Message } from "../memory-server.ts";
import { frameMessage } from "../stream-client.ts";

export interface BadMessage {
  readonly name: string;
  readonly message: Message;
  readonly code: CloseCode;
  /** Names the place. */
  readonly reason: string;
}

const { BadMessage: BAD, UnknownMessageType: UNKNOWN, JoinRequired: JOIN } = CloseCode;

const frame = () => frameMessage(encodeBinary(smallFrame()));

/** A valid frame with these bytes changed. */
function frameWith(at: number, ...values: number[]): Message {
  const bytes = frame();
  bytes.set(values, at);
  return bytes;
}

// The float32 behind the header, little-endian.
const INFINITY = [0x00, 0x00, 0x80, 0x7f];

function bad(name: string, message: Message, code: CloseCode, reason: string): BadMessage {
  return { name, message, code, reason };
}

/** To a connection of the binary format that has joined as a player. */
export const MALFORMED: readonly BadMessage[] = [
  bad("text that is not JSON", "{", BAD, "not JSON"),
  bad("a list", "[]", BAD, "$:"),
  bad("a message without a type", "{}", UNKNOWN, "$.type"),
  bad("an unknown type, to the letter", '{"type":"dance\\u0000é"}', UNKNOWN, "dance"),
  bad("a server's message", '{"type":"welcome"}', UNKNOWN, "welcome"),
  bad("a second join", '{"type":"join"}', BAD, "$.type"),
  bad("a ping without a number", '{"type":"ping"}', BAD, "$.id"),
  bad("a message without a body", '{"type":"message"}', BAD, "$.body"),
  bad("an info without an info", '{"type":"info"}', BAD, "$.info"),
  bad("a control message that is too long", `{"type":"ping"${" ".repeat(8192)}}`, BAD, "8192"),
  bad("an empty data message", new Uint8Array(0), BAD, "empty"),
  bad("data of type 0", Uint8Array.of(0), UNKNOWN, "0"),
  bad("data of type 15", Uint8Array.of(0xff), UNKNOWN, "15"),
  bad("a skeleton", Uint8Array.of(1, 2, 3), BAD, "byte 0"),
  bad("a batch", Uint8Array.of(3, ...new Uint8Array(12)), BAD, "byte 0"),
  bad("an ack that is too short", Uint8Array.of(4, 0, 0, 0), BAD, "4 bytes"),
  bad("an ack that is too long", Uint8Array.of(4, 0, 0, 0, 0, 0), BAD, "6 bytes"),
  bad("a frame that ends in its header", Uint8Array.of(0x42, 0, 0), BAD, "byte 3"),
  bad("a frame without a payload", frame().slice(0, 6), BAD, "payload: byte 0"),
  bad("a frame that is no keyframe", frameWith(0, 0x02), BAD, "keyframe"),
  bad("a frame of layer 1", frameWith(0, 0x52), BAD, "layer 0"),
  bad("a payload that is cut off", frame().slice(0, 100), BAD, "payload: byte"),
  bad("a payload with an infinite number", frameWith(6, ...INFINITY), BAD, "payload: byte"),
  bad("a payload in the other format", frameMessage(Buffer.from("{}")), BAD, "payload: byte"),
];

/** To a connection that has not joined. */
export const FIRST_MESSAGES: readonly BadMessage[] = [
  bad("a frame", frame(), JOIN, "join"),
  bad("an ack", Uint8Array.of(4, 0, 0, 0, 0), JOIN, "join"),
  bad("a ping", '{"type":"ping","id":1}', JOIN, "join"),
  bad("a goodbye", '{"type":"leave"}', JOIN, "join"),
  bad("an unknown type", '{"type":"dance"}', UNKNOWN, "dance"),
  bad("text that is not JSON", "join", BAD, "not JSON"),
  bad("a join with a bad id", '{"type":"join","player":"a b"}', BAD, "player"),
  bad("a join with an id that is none", '{"type":"join","player":5}', BAD, "$.player"),
  bad("a join with a bad info", '{"type":"join","player":"a","info":[]}', BAD, "$"),
];
