// Messages that break a rule, with the close code and a part of the reason that they must give.
import { encodeBinary } from "../../src/codec/index.ts";
import { CloseCode } from "../../src/protocol/index.ts";
import type { FrameHeader } from "../../src/protocol/index.ts";
import { smallFrame } from "../frames.ts";
import type { Message } from "../memory-server.ts";
import { FramePublisher, frameMessage } from "../frame-messages.ts";

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
  bad(
    "a skeleton's id that is none",
    '{"type":"keyframe","skeletons":["ab"]}',
    BAD,
    "$.skeletons[0]",
  ),
  bad("a control message that is too long", `{"type":"ping"${" ".repeat(16_384)}}`, BAD, "16384"),
  bad("an empty data message", new Uint8Array(0), BAD, "empty"),
  bad("data of type 0", Uint8Array.of(0), UNKNOWN, "0"),
  bad("data of type 15", Uint8Array.of(0xff), UNKNOWN, "15"),
  bad("a skeleton where none is needed", Uint8Array.of(1, 2, 3), BAD, "byte 0"),
  bad("a batch", Uint8Array.of(3, ...new Uint8Array(12)), BAD, "byte 0"),
  bad("places", Uint8Array.of(5, ...new Uint8Array(20)), BAD, "byte 0"),
  bad("an ack that is too short", Uint8Array.of(4, 0, 0, 0), BAD, "4 bytes"),
  bad("an ack that is too long", Uint8Array.of(4, 0, 0, 0, 0, 0), BAD, "6 bytes"),
  bad("a frame that ends in its header", Uint8Array.of(0x12, 0, 0), BAD, "byte 3"),
  bad("a frame without a payload", frame().slice(0, 6), BAD, "payload: byte 0"),
  bad("a frame that is no keyframe", frameWith(0, 0x02), BAD, "keyframe"),
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

/** What a publisher of the stream format has sent before, and the message that must not follow it. */
export interface BadStreamMessage extends BadMessage {
  readonly before: readonly Message[];
}

/** The skeleton and the first frames of a stream: a keyframe of number 0, then deltas. */
function streamOf(frameCount: number): Uint8Array<ArrayBuffer>[] {
  const publisher = new FramePublisher("stream");
  return Array.from({ length: frameCount }, (_, at) => publisher.messages(smallFrame(at))).flat();
}

function badAfter(before: readonly Message[], ...args: Parameters<typeof bad>): BadStreamMessage {
  return { before, ...bad(...args) };
}

/** A frame with a payload of nothing but this. */
const rawFrame = (header: Partial<FrameHeader>, byteCount = 1) =>
  frameMessage(new Uint8Array(byteCount).fill(0xa5), header);

/** To a connection of the stream format that has joined as a player. */
export const MALFORMED_STREAMS: readonly BadStreamMessage[] = [
  badAfter([], "a frame before any skeleton", rawFrame({}), BAD, "skeleton"),
  badAfter([], "an empty skeleton", Uint8Array.of(1), BAD, "skeleton"),
  badAfter([], "a skeleton that is none", Uint8Array.of(1, 0xff, 0xff), BAD, "skeleton"),
  badAfter([], "a skeleton that is cut off", streamOf(1)[0].slice(0, -1), BAD, "skeleton"),
  badAfter(streamOf(1).slice(0, 1), "a delta first", rawFrame({ isKey: false }), BAD, "keyframe"),
  badAfter(streamOf(1), "a keyframe above layer 0", rawFrame({ number: 2 }), BAD, "multiple of 4"),
  badAfter(
    streamOf(1),
    "a delta that skips a layer-0 frame",
    rawFrame({ number: 8, isKey: false }),
    BAD,
    "follow",
  ),
  badAfter(
    streamOf(2),
    "[11] a delta whose reference was not sent",
    rawFrame({ number: 3, isKey: false }),
    BAD,
    "frame 3",
  ),
  badAfter(streamOf(2), "a frame twice", streamOf(2)[2], BAD, "follow"),
  badAfter(
    streamOf(1),
    "a payload that is too long",
    rawFrame({ number: 4 }, 60_000),
    BAD,
    "60000",
  ),
];

/** A skeleton, and a keyframe whose payload no encoder writes. */
export const GARBAGE_STREAM: readonly Message[] = [streamOf(1)[0], rawFrame({}, 40)];

/** A sound keyframe of x = 0, and a frame of layer 2 whose payload no encoder writes. */
export const GARBLED_LAYER_2: readonly Message[] = [
  ...streamOf(1),
  rawFrame({ number: 1, isKey: false }, 40),
];
