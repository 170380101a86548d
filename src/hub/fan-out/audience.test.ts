import { describe, expect, test } from "bun:test";
import { smallFrame } from "../../../test/frames.ts";
import { encodeFrame, jsonOnlyFrame } from "../../../test/frame-messages.ts";
import { MessageReader } from "../../../test/received.ts";
import type { Received, ReceivedBatch } from "../../../test/received.ts";
import { DEFAULT_FRAME_LIMITS } from "../../codec/index.ts";
import type { Format } from "../../codec/index.ts";
import { CloseCode, ProtocolError } from "../../protocol/index.ts";
import type { Connection, Message } from "../connections/connection.ts";
import { Player } from "../players/player.ts";
import { RateMeter } from "../traffic/rate-meter.ts";
import { Audience } from "./audience.ts";
import { layerCountOf } from "./batch-content.ts";
import { BatchHistory } from "./batch-history.ts";
import { Receiver } from "./receiver.ts";

const START_MS = 1_000_000;
const TICK_MS = 33;

/** A client: what it was sent since the last look, and how it was closed. */
class Client implements Connection {
  readonly format: Format;
  readonly topics = new Set<string>();
  closedWith: CloseCode | undefined;
  readonly #reader: MessageReader;
  #received: Received[] = [];

  constructor(format: Format) {
    this.format = format;
    this.#reader = new MessageReader(format);
  }

  send(data: Message): void {
    const copy = typeof data === "string" ? data : data.slice();
    this.#received.push(this.#reader.read(copy));
  }
  subscribe(topic: string): void {
    this.topics.add(topic);
  }
  unsubscribe(topic: string): void {
    this.topics.delete(topic);
  }
  ping(): void {}
  close(code: CloseCode): void {
    this.closedWith = code;
  }

  take(): Received[] {
    return this.#received.splice(0);
  }
  takeBatches(): ReceivedBatch[] {
    return this.take().filter((message) => message.type === "batch");
  }
}

/** One audience with its players and clients, and a clock that ticks. */
class Stage {
  nowMs = START_MS;
  readonly counters = { coalesced: 0, withheld: 0, layered: 0 };
  readonly format: Format;
  readonly players: Player[] = [];
  readonly audience: Audience;
  readonly #clients: Client[] = [];
  readonly #batches: BatchHistory;

  constructor(options: { format?: Format; sequence?: number; playerCount?: number } = {}) {
    const { format = "json", sequence = 0, playerCount = 1 } = options;
    const broadcast = (topic: string, data: Message) => {
      for (const client of this.#clients) if (client.topics.has(topic)) client.send(data);
    };
    this.format = format;
    this.#batches = new BatchHistory({ layerCount: layerCountOf(format), newest: sequence });
    this.audience = new Audience({
      roomId: "lobby",
      format,
      broadcaster: { broadcast },
      counters: this.counters,
      sent: new RateMeter(),
      players: this.players,
      batches: this.#batches,
    });
    for (let index = 0; index < playerCount; index++) {
      const player = new Player(`p${index}`, 0, DEFAULT_FRAME_LIMITS);
      player.index = index;
      this.players.push(player);
    }
  }

  add(): { client: Client; receiver: Receiver } {
    const client = new Client(this.format);
    this.#clients.push(client);
    const [layerCount, batches] = [layerCountOf(this.format), this.#batches];
    const receiver = new Receiver(client, { own: null, layers: Infinity, layerCount, batches });
    this.audience.add(receiver, this.nowMs);
    return { client, receiver };
  }

  /** A new frame of every player, and a batch of them. `bytes`: about the size of each. */
  tick(bytes = 0): void {
    this.nowMs += TICK_MS;
    for (const player of this.players) {
      const frame = { ...smallFrame(player.frame.revision + 1), padding: "x".repeat(bytes) };
      this.#publishFrame(player, new TextEncoder().encode(JSON.stringify(frame)));
    }
    this.#send(this.players);
  }

  /** A batch of this frame of the first player. */
  tickWith(payload: Uint8Array<ArrayBuffer>): void {
    this.nowMs += TICK_MS;
    this.#publishFrame(this.players[0], payload);
    this.#send([this.players[0]]);
  }

  ticks(count: number, bytes = 0): void {
    for (let tick = 0; tick < count; tick++) this.tick(bytes);
  }

  acknowledge(receiver: Receiver, sequence: number): void {
    this.audience.acknowledge(receiver, sequence, this.nowMs);
  }

  sendFullState(receiver: Receiver): void {
    this.audience.sendFullState(receiver, this.nowMs);
  }

  #send(players: readonly Player[]): void {
    this.audience.sendBatch(players, { nowMs: this.nowMs, intervalMs: TICK_MS });
  }

  #publishFrame(player: Player, bytes: Uint8Array<ArrayBuffer>): void {
    player.publish({ format: "json", bytes, source: "http", nowMs: this.nowMs });
  }
}

const sequencesOf = (batches: readonly ReceivedBatch[]) => batches.map(({ sequence }) => sequence);

describe("sequences", () => {
  test("[S16] [S16a] batches count up by one, and full state has the number of the newest", () => {
    const stage = new Stage();
    const { client } = stage.add();
    stage.ticks(3);
    expect(sequencesOf(client.takeBatches())).toEqual([0, 1, 2, 3]);
    const late = stage.add().client;
    expect(late.take()).toMatchObject([{ sequence: 3, isFullState: true, entries: [{ x: 3 }] }]);
    stage.tick();
    expect(sequencesOf(late.takeBatches())).toEqual([4]);
  });

  test("[S16] they wrap at 2^32, and acknowledgements go with them", () => {
    const stage = new Stage({ sequence: 2 ** 32 - 3 });
    const { client, receiver } = stage.add();
    for (let tick = 0; tick < 100; tick++) {
      stage.tick();
      const [sequence] = sequencesOf(client.takeBatches().slice(-1));
      expect(sequence).toBe((2 ** 32 - 2 + tick) % 2 ** 32);
      if (tick % 3 === 2) stage.acknowledge(receiver, sequence);
    }
    expect(receiver.isBehind).toBe(false);
    // Across the wrap: behind, and back again.
    const slow = new Stage({ sequence: 2 ** 32 - 10 });
    const one = slow.add();
    slow.ticks(40);
    expect(one.receiver.isBehind).toBe(true);
    const newest = sequencesOf(one.client.takeBatches()).at(-1)!;
    expect(newest).toBeLessThan(40);
    slow.acknowledge(one.receiver, newest);
    expect(one.client.take()).toMatchObject([{ isFullState: true, entries: [{ x: 40 }] }]);
  });

  test("[S13] a batch carries the time at which it was built", () => {
    const stage = new Stage();
    const { client } = stage.add();
    stage.tick();
    expect(client.takeBatches()[1].serverTimeUs).toBe(stage.nowMs * 1000);
  });

  test("a tick without a frame that the format can hold sends nothing and counts nothing", () => {
    const stage = new Stage({ format: "binary" });
    const { client } = stage.add();
    client.take();
    stage.tickWith(jsonOnlyFrame(1));
    stage.tickWith(jsonOnlyFrame(2));
    stage.tickWith(encodeFrame(smallFrame(3), "json"));
    expect(client.take()).toMatchObject([
      { type: "unavailable", index: 0, path: "$.comment" },
      { type: "batch", sequence: 1, entries: [{ revision: 3, number: 3, x: 3 }] },
    ]);
  });
});

describe("acknowledgements", () => {
  test("[S17b] one that the receiver was never sent is refused", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    stage.ticks(2);
    for (const sequence of [3, 1000, 2 ** 31 - 1]) {
      expect(() => stage.acknowledge(receiver, sequence)).toThrow(ProtocolError);
    }
    stage.ticks(40);
    // The receiver is off the topic by now: it cannot acknowledge what others were sent.
    expect(() => stage.acknowledge(receiver, 42)).toThrow(ProtocolError);
  });

  test("[S17b] an older one after a newer one changes nothing", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    stage.ticks(5);
    stage.acknowledge(receiver, 5);
    stage.acknowledge(receiver, 2);
    // Nothing is unacknowledged: it is not closed for it.
    stage.nowMs += 60_000;
    receiver.checkAcknowledging(stage.nowMs);
    expect(client.closedWith).toBeUndefined();
  });
});

describe("flow control", () => {
  test("[S17] a receiver that acknowledges every 100 ms stays, whatever the room sends", () => {
    const stage = new Stage({ playerCount: 10 });
    const { client, receiver } = stage.add();
    for (let tick = 1; tick <= 300; tick++) {
      // 10 x 10 kB are 100 kB a batch; three of them are more than 256 KiB.
      stage.tick(10_000);
      if (tick % 3 === 0) stage.acknowledge(receiver, tick);
    }
    expect(sequencesOf(client.takeBatches())).toEqual(Array.from({ length: 301 }, (_, at) => at));
    expect(stage.counters.withheld).toBe(0);
  });

  test("[S17c] [S17e] behind by time: off the topic, full state once all is acknowledged, live again", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    stage.tick();
    stage.acknowledge(receiver, 1);
    client.take();
    stage.ticks(20);
    // 250 ms and a round trip of 0 ms: batch 2 is 264 ms old when batch 10 has gone out.
    const underWay = sequencesOf(client.takeBatches());
    expect(underWay).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(client.topics.size).toBe(0);
    stage.acknowledge(receiver, 9);
    expect(client.take()).toEqual([]);
    stage.acknowledge(receiver, 10);
    expect(client.take()).toMatchObject([
      { type: "batch", isFullState: true, sequence: 21, entries: [{ revision: 21, x: 21 }] },
    ]);
    stage.tick();
    expect(client.take()).toMatchObject([{ type: "batch", isFullState: false, sequence: 22 }]);
    stage.acknowledge(receiver, 22);
    expect(receiver.isBehind).toBe(false);
  });

  test("[S17c] a long line is not a slow one: a receiver may be late by its round trip", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    const roundTripTicks = 12; // 396 ms
    for (let tick = 1; tick <= 200; tick++) {
      stage.tick();
      if (tick > roundTripTicks) stage.acknowledge(receiver, tick - roundTripTicks);
    }
    expect(client.takeBatches()).toHaveLength(201);
    // The receiver stops acknowledging: 396 + 250 ms later it is off.
    stage.ticks(40);
    const underWay = client.takeBatches().length;
    expect(underWay * TICK_MS + roundTripTicks * TICK_MS).toBeWithin(646, 646 + 2 * TICK_MS);
  });

  test("[S17c] before its first acknowledgement a receiver is given 750 ms, and never more", () => {
    const stage = new Stage();
    const { client } = stage.add();
    client.take();
    stage.ticks(60);
    expect(client.takeBatches().length * TICK_MS).toBeWithin(750, 750 + 2 * TICK_MS);
  });

  test("[S17d] behind by bytes: 256 KiB and four batches may be under way", () => {
    const stage = new Stage();
    const { client } = stage.add();
    client.take();
    stage.ticks(20, 100_000);
    expect(client.takeBatches()).toHaveLength(5);
    const { client: other } = stage.add();
    other.take();
    stage.ticks(20, 30_000);
    const bytes = other.takeBatches().map(({ entries }) => entries[0].byteLength);
    const total = bytes.reduce((sum, each) => sum + each, 0);
    expect(total).toBeWithin(256 * 1024, 256 * 1024 + 2 * bytes[0]);
  });

  test("[S17] [S26b] full state that a receiver asks for does not acknowledge what came before", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    for (let tick = 0; tick < 60; tick++) {
      stage.tick();
      if (!receiver.isBehind) stage.sendFullState(receiver);
    }
    expect(receiver.isBehind).toBe(true);
    const [first, ...batches] = client.takeBatches();
    expect(first.isFullState).toBe(true);
    expect(batches.filter(({ isFullState }) => !isFullState).length * TICK_MS).toBeWithin(
      750,
      750 + 2 * TICK_MS,
    );
  });

  test("[S17d] in a room of tiny and many batches, 256 of them are enough, whatever the clock says", () => {
    const stage = new Stage();
    const { client } = stage.add();
    client.take();
    for (let tick = 0; tick < 400; tick++) {
      stage.nowMs -= TICK_MS; // no time passes
      stage.tick();
    }
    expect(client.takeBatches()).toHaveLength(256);
  });

  test("[H17a] a receiver that is behind delays nobody, and what it missed is counted", () => {
    const stage = new Stage({ playerCount: 3 });
    const slow = stage.add();
    const quick = stage.add();
    for (let tick = 1; tick <= 100; tick++) {
      stage.tick();
      stage.acknowledge(quick.receiver, tick);
    }
    expect(quick.client.takeBatches()).toHaveLength(101);
    const missed = 101 - slow.client.takeBatches().length;
    expect(stage.counters.withheld).toBe(3 * missed);
  });

  test("[H17a] when all are behind, what they miss is counted and the sequence continues", () => {
    const stage = new Stage({ playerCount: 2 });
    const [a, b] = [stage.add(), stage.add()];
    stage.ticks(100);
    const got = [a, b].map(({ client }) => client.takeBatches());
    expect(stage.counters.withheld).toBe(2 * (101 - got[0].length) + 2 * (101 - got[1].length));
    stage.acknowledge(a.receiver, got[0].at(-1)!.sequence);
    expect(a.client.take()).toMatchObject([{ isFullState: true, sequence: 100 }]);
  });

  test("[S20a] a frame that the format cannot hold is told to one that was behind", () => {
    const stage = new Stage({ format: "binary" });
    const { client, receiver } = stage.add();
    for (let tick = 0; tick < 40; tick++) stage.tickWith(encodeFrame(smallFrame(tick), "json"));
    const newest = client.takeBatches().at(-1)!.sequence;
    stage.tickWith(jsonOnlyFrame(1));
    expect(client.take()).toEqual([]);
    stage.acknowledge(receiver, newest);
    expect(client.take()).toMatchObject([
      { type: "unavailable", index: 0 },
      { type: "batch", isFullState: true, entries: [] },
    ]);
  });
});

describe("a receiver that acknowledges nothing", () => {
  /** How the receiver is closed when `during` happens every second for 15 s. */
  function closedAfter(stage: Stage, client: Client, during: (second: number) => void) {
    for (let second = 1; second <= 15; second++) {
      stage.nowMs += 1000;
      during(second);
      for (const receiver of stage.audience.receivers) receiver.checkAcknowledging(stage.nowMs);
      if (client.closedWith !== undefined) return { code: client.closedWith, second };
    }
    return undefined;
  }

  test("[S17f] is closed 10 s after full state", () => {
    const stage = new Stage();
    const { client } = stage.add();
    expect(closedAfter(stage, client, () => {})).toEqual({
      code: CloseCode.NotAcknowledging,
      second: 11,
    });
  });

  test("[S17f] is closed 10 s after its last acknowledgement, if it was sent more", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    const closed = closedAfter(stage, client, (second) => {
      // Each round lasts 1,033 ms; the one at 2,066 ms is the last that says anything new.
      stage.tick();
      if (second <= 2) stage.acknowledge(receiver, second - 1);
    });
    expect(closed).toEqual({ code: CloseCode.NotAcknowledging, second: 12 });
  });

  test("[S17f] cannot put it off by saying the same again", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    stage.ticks(3);
    const closed = closedAfter(stage, client, () => stage.acknowledge(receiver, 1));
    expect(closed?.code).toBe(CloseCode.NotAcknowledging);
  });

  test("[S17f] is left alone if it has acknowledged all that there was", () => {
    const stage = new Stage();
    const { client, receiver } = stage.add();
    stage.ticks(3);
    stage.acknowledge(receiver, 3);
    expect(closedAfter(stage, client, () => {})).toBeUndefined();
  });
});
