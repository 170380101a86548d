// A bare relay, to compare the server with: it gathers what arrives and publishes it at the server's tick,
// in batches of the same layout. Nothing else: no checks, no state, no flow control. A client that joins after
// a stream began cannot decode it, so the load joins first.
import { SUBPROTOCOLS } from "../src/protocol/index.ts";
import type { ServerMessage } from "../src/protocol/index.ts";

const TICK_MS = 1000 / 30;
const TOPIC = "batches";
const CONTROL_TOPIC = "control";
const BATCH_TYPE = 3;
const SKELETON_TYPE = 1;
const FRAME_TYPE = 2;
const TYPE_MASK = 0x0f;
const KEY_FLAG = 0x10;
const TELEPORTS_MASK = 0xc0;
const BATCH_HEADER_BYTES = 13;
const FRAME_HEADER_BYTES = 6;
// Of an entry: index step, head, number or skeleton id, revision, age, length.
const ENTRY_HEADER_BYTES_MAX = 5 + 1 + 8 + 3 * 5;
const REVISION_FLAG = 0x20;

interface Member {
  index: number;
  id: string;
  revision: number;
  number: number;
  /** Since the last batch. */
  readonly messages: Uint8Array[];
}

const members: Member[] = [];
let bytes = new Uint8Array(1 << 20);
let view = new DataView(bytes.buffer);
let length = BATCH_HEADER_BYTES;
let sequence = 0;
let skeletonCount = 0;
let lastIndex = 0;

const server = Bun.serve<Member>({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, serving) {
    const offered = request.headers.get("sec-websocket-protocol") ?? "";
    const subprotocol = SUBPROTOCOLS.find((each) => offered.includes(each)) ?? "";
    const headers = { "Sec-WebSocket-Protocol": subprotocol };
    const data = { index: -1, id: "", revision: 0, number: 0, messages: [] };
    if (serving.upgrade(request, { headers, data })) return undefined;
    return new Response("a relay of WebSockets\n");
  },
  websocket: {
    data: undefined as unknown as Member,
    maxPayloadLength: 1 << 21,
    backpressureLimit: 1 << 24,
    perMessageDeflate: false,
    message(socket, message) {
      if (typeof message === "string") return receiveText(socket, message);
      const type = message[0] & TYPE_MASK;
      if (type === FRAME_TYPE || type === SKELETON_TYPE) socket.data.messages.push(message);
    },
  },
});

setInterval(() => {
  if (members.every(({ messages }) => messages.length === 0)) return;
  sequence++;
  const timeUs = (performance.timeOrigin + performance.now()) * 1000;
  bytes[0] = BATCH_TYPE;
  view.setUint32(1, sequence, true);
  view.setFloat64(5, timeUs, true);
  length = BATCH_HEADER_BYTES;
  lastIndex = 0;
  for (const member of members) {
    for (const message of member.messages) append(member, message, timeUs);
    member.messages.length = 0;
  }
  server.publish(TOPIC, bytes.subarray(0, length));
}, TICK_MS);

console.log(`http://127.0.0.1:${server.port}`);

function receiveText(socket: Bun.ServerWebSocket<Member>, text: string): void {
  const message = JSON.parse(text) as { type: string; player?: string };
  if (message.type !== "join") return;
  const member = socket.data;
  member.index = members.length;
  member.id = message.player ?? "";
  const presence = { index: member.index, id: member.id, info: {} };
  const players = [...members.map(({ index, id }) => ({ index, id, info: {} })), presence];
  members.push(member);
  server.publish(CONTROL_TOPIC, JSON.stringify({ type: "joined", player: presence }));
  const welcome: ServerMessage = {
    type: "welcome",
    room: "relay",
    player: presence,
    resumeKey: null,
    resumed: false,
    players,
    rateHz: 30,
    serverTimeUs: (performance.timeOrigin + performance.now()) * 1000,
  };
  socket.send(JSON.stringify(welcome));
  socket.subscribe(CONTROL_TOPIC);
  socket.subscribe(TOPIC);
}

function append(member: Member, message: Uint8Array, timeUs: number): void {
  const needed = length + ENTRY_HEADER_BYTES_MAX + message.length;
  if (needed > bytes.length) {
    const grown = new Uint8Array(2 * needed);
    grown.set(bytes);
    bytes = grown;
    view = new DataView(bytes.buffer);
  }
  writeVarint(member.index - lastIndex);
  lastIndex = member.index;
  if ((message[0] & TYPE_MASK) === SKELETON_TYPE) {
    bytes[length++] = SKELETON_TYPE;
    // Nobody asks for a skeleton by its id here: another one for each will do.
    view.setFloat64(length, ++skeletonCount);
    length += 8;
    writePayload(message, 1);
    return;
  }
  const isKey = (message[0] & KEY_FLAG) !== 0;
  const number = message[1];
  member.revision += (number - member.number) & 0xff || 1;
  member.number = number;
  const head = FRAME_TYPE | (message[0] & (KEY_FLAG | TELEPORTS_MASK));
  bytes[length++] = isKey ? head | REVISION_FLAG : head;
  bytes[length++] = number;
  if (isKey) writeVarint(member.revision);
  const captureUs = message[2] | (message[3] << 8) | (message[4] << 16) | (message[5] << 24);
  // Capture times are less than half an hour from here.
  const age = Math.round((((timeUs % 2 ** 32) - captureUs) | 0) / 100);
  writeVarint(age < 0 ? -2 * age - 1 : 2 * age);
  writePayload(message, FRAME_HEADER_BYTES);
}

function writePayload(message: Uint8Array, from: number): void {
  writeVarint(message.length - from);
  bytes.set(message.subarray(from), length);
  length += message.length - from;
}

function writeVarint(value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes[length++] = (rest & 0x7f) | 0x80;
  bytes[length++] = rest;
}
