// Random and mutated messages from many connections, while a publisher and a watcher in the same room must
// work undisturbed.
import { expect } from "bun:test";
import { heapStats } from "bun:jsc";
import { STREAM_FORMATS } from "../../src/codec/format.ts";
import { CloseCode, encodeAck } from "../../src/protocol/index.ts";
import { smallFrame } from "../frames.ts";
import type { Message } from "../memory-server.ts";
import type { Random } from "../random.ts";
import { RoomView } from "../room-view.ts";
import { encodeFrame, frameMessage, FramePublisher, jsonOnlyFrame } from "../frame-messages.ts";
import type { StreamClient } from "../stream-client.ts";
import type { StreamTransport } from "./transport.ts";

const FUZZERS = 8;
// How often the watcher looks, in messages: it acknowledges then, and must not fall behind.
const LOOK_EVERY = 100;
// What a run may leave on the heap after all clients have left.
const HEAP_GROWTH_BYTES_MAX = 16 * 1024 * 1024;

/** Close codes for a bad message. 1006 is a connection that this test has cut. */
const EXPECTED_CODES: readonly number[] = [
  CloseCode.Left,
  CloseCode.BadMessage,
  CloseCode.UnknownMessageType,
  CloseCode.JoinRequired,
  CloseCode.PlayerTaken,
  CloseCode.NotAcknowledging,
  CloseCode.Silent,
  CloseCode.TooFast,
  1006,
  // A text message that is not UTF-8.
  1007,
];

interface FuzzOptions {
  readonly transport: StreamTransport;
  readonly room: string;
  readonly random: Random;
  readonly messages: number;
}

export async function fuzz({ transport, room, random, messages }: FuzzOptions): Promise<void> {
  const publisher = await transport.connect({ room, format: "binary" });
  publisher.join({ player: "publisher" });
  const watchers = await Promise.all(
    STREAM_FORMATS.map((format) => transport.connect({ room, format })),
  );
  const views = watchers.map(({ format }) => new RoomView(format));
  for (const view of views) view.mayBeGarbage = true;
  for (const watcher of watchers) watcher.join();
  let x = 0;

  const sees = (view: RoomView) =>
    [...view.players.values()].some((player) => player.id === "publisher" && player.x === x % 1000);

  /** All are there, and a frame of the publisher reaches the watchers. */
  const look = async () => {
    publisher.publish(++x % 1000);
    while (!views.every(sees)) {
      for (const [at, watcher] of watchers.entries()) {
        for (const message of await watcher.drain()) views[at].apply(message);
        watcher.acknowledge(watcher.newestSequence);
      }
      await publisher.drain();
      publisher.acknowledge(publisher.newestSequence);
    }
  };

  const fuzzers = Array.from({ length: FUZZERS }, (_, at) => new Fuzzer(`fuzzer-${at}`, random));
  await look();
  const heapBefore = heapBytes();
  for (let sent = 0; sent < messages; sent++) {
    const fuzzer = random.pick(fuzzers);
    if (fuzzer.isGone) {
      const format = random.pick(STREAM_FORMATS);
      fuzzer.begin(await transport.connect({ room, format }));
    }
    fuzzer.send(anyMessage(random));
    if (sent % LOOK_EVERY === 0) await look();
  }
  for (const fuzzer of fuzzers) fuzzer.kill();
  await look();
  publisher.say({ type: "leave" });
  for (const watcher of watchers) watcher.say({ type: "leave" });
  await Promise.all([publisher, ...watchers].map((client) => client.end()));
  while ((await transport.census(room)).connections > 0) await transport.census(room);
  expect((await transport.census(room)).members).toBe(0);
  if (transport.advance !== undefined) {
    transport.advance(11_000);
    expect(await transport.census(room)).toMatchObject({ players: 0, members: 0 });
  }
  expect(heapBytes() - heapBefore).toBeLessThan(HEAP_GROWTH_BYTES_MAX);
}

/** One connection after another that sends nonsense, mostly as the same player. */
class Fuzzer {
  readonly #name: string;
  readonly #random: Random;
  #client: StreamClient | undefined;
  #player: string;
  #changes = 0;
  #resumeKey: string | undefined;

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#player = name;
    this.#random = random;
  }

  get isGone(): boolean {
    return this.#client?.closedWith !== undefined || this.#client === undefined;
  }

  /** The next connection: joins, as a rule. */
  begin(client: StreamClient): void {
    const closedWith = this.#client?.closedWith;
    if (closedWith !== undefined) {
      expect(EXPECTED_CODES).toContain(closedWith.code);
      // The key got lost with the last connection.
      if (closedWith.code === CloseCode.PlayerTaken) this.#beAnother();
    }
    this.#client = client;
    if (this.#random.chance(0.1)) return;
    if (this.#random.chance(0.2)) return client.join();
    const player = this.#player;
    if (this.#resumeKey === undefined) client.join({ player });
    else client.join({ player, resumeKey: this.#resumeKey });
  }

  send(message: Message): void {
    const client = this.#client!;
    client.send(message);
    for (const { player, resumeKey } of client.takeAll("welcome")) {
      if (player !== null) this.#resumeKey = resumeKey!;
    }
    if (this.#random.chance(0.001)) client.kill();
  }

  kill(): void {
    this.#client?.kill();
  }

  #beAnother(): void {
    // One of two: every player that is left behind is in the room for 10 s more.
    this.#player = `${this.#name}-${++this.#changes % 2}`;
    this.#resumeKey = undefined;
  }
}

function heapBytes(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

function anyMessage(random: Random): Message {
  return random.chance(0.5) ? anyText(random) : anyData(random);
}

const CONTROL_MESSAGES: readonly object[] = [
  { type: "join", player: "publisher", resumeKey: "guess", info: {} },
  { type: "leave" },
  { type: "info", info: { displayName: "Fuzz", coordinateSystem: "gltf" } },
  { type: "message", to: "publisher", body: [1, { a: null }] },
  { type: "message", body: "to all" },
  { type: "ping", id: 1 },
  { type: "welcome", players: [] },
];

function anyText(random: Random): string {
  const kind = random.fraction();
  if (kind < 0.1) return new TextDecoder().decode(random.bytes(random.below(64)));
  if (kind < 0.2) return JSON.stringify(anyJson(random, 4));
  const message = { ...random.pick(CONTROL_MESSAGES) } as Record<string, unknown>;
  // One field is of another type, or the text itself is broken.
  if (kind < 0.6) message[random.pick(Object.keys(message))] = anyJson(random, 3);
  const text = JSON.stringify(message);
  if (kind < 0.8) return text;
  const at = random.below(text.length);
  return (
    text.slice(0, at) + String.fromCharCode(random.below(0xffff)) + text.slice(at + random.below(4))
  );
}

function anyJson(random: Random, depth: number): unknown {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick([0, -0, 1, -1.5, 1e308, 2 ** 53, NaN]);
    case 3:
      return random.pick(["", "publisher", "__proto__", "\u0000", "\ud800", "x".repeat(5000)]);
    case 4:
      return random.pick(["join", "fuzzer-0", "a b", "é", "$"]);
    case 5:
      return random.below(1000);
    case 6:
      return Array.from({ length: random.below(5) }, () => anyJson(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [
          random.pick(["type", "player", "info", "__proto__", "constructor", "displayName", "x"]),
          anyJson(random, depth - 1),
        ]),
      );
  }
}

const stream = new FramePublisher("stream");

const DATA_MESSAGES: readonly Uint8Array<ArrayBuffer>[] = [
  // A skeleton, a keyframe and deltas of each layer.
  ...[1, 2, 3, 4, 5].flatMap((x) => stream.messages(smallFrame(x))),
  frameMessage(encodeFrame(smallFrame(), "json")),
  frameMessage(encodeFrame(smallFrame(), "binary")),
  frameMessage(jsonOnlyFrame(1)),
  encodeAck(0),
];

function anyData(random: Random): Uint8Array<ArrayBuffer> {
  const kind = random.fraction();
  if (kind < 0.1) return random.bytes(random.below(64));
  if (kind < 0.2) return encodeAck(random.chance(0.5) ? random.below(300) : random.below(2 ** 32));
  const bytes = random.pick(DATA_MESSAGES).slice();
  if (kind < 0.3) return bytes;
  if (kind < 0.5) return bytes.slice(0, random.below(bytes.length + 1));
  const changes = 1 + random.below(4);
  for (let change = 0; change < changes; change++) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}
