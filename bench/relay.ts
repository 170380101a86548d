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
const BATCH_HEADER_BYTES = 13;
const VARINT_BYTES_MAX = 5;

interface Member {
  index: number;
  id: string;
  revision: number;
}

const members: Member[] = [];
let bytes = new Uint8Array(1 << 20);
let view = new DataView(bytes.buffer);
let length = BATCH_HEADER_BYTES;
let sequence = 0;

const server = Bun.serve<Member>({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, serving) {
    const offered = request.headers.get("sec-websocket-protocol") ?? "";
    const subprotocol = SUBPROTOCOLS.find((each) => offered.includes(each)) ?? "";
    const headers = { "Sec-WebSocket-Protocol": subprotocol };
    const data = { index: -1, id: "", revision: 0 };
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
      if (type === FRAME_TYPE || type === SKELETON_TYPE) append(socket.data, message);
    },
  },
});

setInterval(() => {
  if (length === BATCH_HEADER_BYTES) return;
  sequence++;
  bytes[0] = BATCH_TYPE;
  view.setUint32(1, sequence, true);
  view.setFloat64(5, (performance.timeOrigin + performance.now()) * 1000, true);
  server.publish(TOPIC, bytes.subarray(0, length));
  length = BATCH_HEADER_BYTES;
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

function append(member: Member, frame: Uint8Array): void {
  const needed = length + 3 * VARINT_BYTES_MAX + frame.length;
  if (needed > bytes.length) {
    const grown = new Uint8Array(2 * needed);
    grown.set(bytes);
    bytes = grown;
    view = new DataView(bytes.buffer);
  }
  writeVarint(member.index);
  writeVarint(++member.revision);
  writeVarint(frame.length);
  bytes.set(frame, length);
  length += frame.length;
}

function writeVarint(value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes[length++] = (rest & 0x7f) | 0x80;
  bytes[length++] = rest;
}
