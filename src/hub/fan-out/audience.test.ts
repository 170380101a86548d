import { describe, expect, test } from "bun:test";
import { smallFrame } from "../../../test/frames.ts";
import { encodeFrame, jsonOnlyFrame } from "../../../test/frame-messages.ts";
import { MessageReader } from "../../../test/received.ts";
import type { Received, ReceivedBatch } from "../../../test/received.ts";
import { DEFAULT_FRAME_LIMITS } from "../../codec/index.ts";
import type { Format } from "../../codec/index.ts";
import { CloseCode, ProtocolError } from "../../protocol/index.ts";
import type { Connection } from "../connections/connection.ts";
import { Player } from "../players/player.ts";
import { RateMeter } from "../traffic/rate-meter.ts";
import { Subscriber } from "./receiver.ts";
import { View } from "./audience.ts";

const START_MS = 1_000_000;
const TICK_MS = 33;

/** A receiver: what it was sent since the last look, and how it was closed. */
class Receiver implements Connection {
  readonly format: Format;
  readonly topics = new Set<string>();
  closedWith: CloseCode | undefined;
  readonly #reader: MessageReader;
  #received: Received[] = [];

  constructor(format: Format) {
    this.format = format;
    this.#reader = new MessageReader(format);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    const copy = typeof data === "string" ? data : data.slice();
    this.#received.push(this.#reader.read(copy));
  }
  subscribe(topic: string): void {
    this.topics.add(topic);
  }
  unsubscribe(topic: string): void {
    this.topics.delete(topic);
  }
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

/** One view with its players and receivers, and a clock that ticks. */
class Stage {
  nowMs = START_MS;
  readonly counters = { coalesced: 0, withheld: 0, layered: 0 };
  readonly format: Format;
  readonly players: Player[] = [];
  readonly view: View;
  readonly #receivers: Receiver[] = [];

  constructor(options: { format?: Format; sequence?: number; playerCount?: number } = {}) {
    const { format = "json", sequence = 0, playerCount = 1 } = options;
    const publish = (topic: string, data: string | Uint8Array<ArrayBuffer>) => {
      for (const receiver of this.#receivers) if (receiver.topics.has(topic)) receiver.send(data);
    };
    this.format = format;
    this.view = new View({
      roomId: "lobby",
      format,
      publish,
      counters: this.counters,
      sent: new RateMeter(),
      sequence,
    });
    for (let index = 0; index < playerCount; index++) {
      const player = new Player(`p${index}`, 0, DEFAULT_FRAME_LIMITS);
      player.index = index;
      this.players.push(player);
    }
  }

  add(): { receiver: Receiver; subscriber: Subscriber } {
    const receiver = new Receiver(this.format);
    this.#receivers.push(receiver);
    const subscriber = new Subscriber(receiver, {}, this.nowMs);
    this.view.add(subscriber, this.players, this.nowMs);
    return { receiver, subscriber };
  }

  /** A new frame of every player, and a batch of them. `bytes`: about so many each. */
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

  acknowledge(subscriber: Subscriber, sequence: number): void {
    this.view.acknowledge(subscriber, sequence, this.players, this.nowMs);
  }

  sendFullState(subscriber: Subscriber): void {
    this.view.sendFullState(subscriber, this.players, this.nowMs);
  }

  #send(players: readonly Player[]): void {
    this.view.sendBatch(new Set(players), { nowMs: this.nowMs, intervalMs: TICK_MS });
  }

  #publishFrame(player: Player, bytes: Uint8Array<ArrayBuffer>): void {
    player.publish({ format: "json", bytes, source: "http", nowMs: this.nowMs });
  }
}

const sequencesOf = (batches: readonly ReceivedBatch[]) => batches.map(({ sequence }) => sequence);

describe("sequences", () => {
  test("[S16] batches count up by one, and full state has the number of the newest", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    stage.ticks(3);
    expect(sequencesOf(receiver.takeBatches())).toEqual([0, 1, 2, 3]);
    const late = stage.add().receiver;
    expect(late.take()).toMatchObject([{ sequence: 3, isFullState: true, entries: [{ x: 3 }] }]);
    stage.tick();
    expect(sequencesOf(late.takeBatches())).toEqual([4]);
  });

  test("[S16] they wrap at 2^32, and acknowledgements go with them", () => {
    const stage = new Stage({ sequence: 2 ** 32 - 3 });
    const { receiver, subscriber } = stage.add();
    for (let tick = 0; tick < 100; tick++) {
      stage.tick();
      const [sequence] = sequencesOf(receiver.takeBatches().slice(-1));
      expect(sequence).toBe((2 ** 32 - 2 + tick) % 2 ** 32);
      if (tick % 3 === 2) stage.acknowledge(subscriber, sequence);
    }
    expect(subscriber.flow.state).toBe("live");
    // Across the wrap: behind, and back again.
    const slow = new Stage({ sequence: 2 ** 32 - 10 });
    const one = slow.add();
    slow.ticks(40);
    expect(one.subscriber.flow.state).toBe("behind");
    const newest = sequencesOf(one.receiver.takeBatches()).at(-1)!;
    expect(newest).toBeLessThan(40);
    slow.acknowledge(one.subscriber, newest);
    expect(one.receiver.take()).toMatchObject([{ isFullState: true, entries: [{ x: 40 }] }]);
  });

  test("[S13] a batch carries the time at which it was built", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    stage.tick();
    expect(receiver.takeBatches()[1].serverTimeUs).toBe(stage.nowMs * 1000);
  });

  test("a tick without a frame that the format can hold sends nothing and counts nothing", () => {
    const stage = new Stage({ format: "binary" });
    const { receiver } = stage.add();
    receiver.take();
    stage.tickWith(jsonOnlyFrame(1));
    stage.tickWith(jsonOnlyFrame(2));
    stage.tickWith(encodeFrame(smallFrame(3), "json"));
    expect(receiver.take()).toMatchObject([
      { type: "unavailable", index: 0, path: "$.comment" },
      { type: "batch", sequence: 1, entries: [{ revision: 3, number: 3, x: 3 }] },
    ]);
  });
});

describe("acknowledgements", () => {
  test("[S17] one that the receiver was never sent is refused", () => {
    const stage = new Stage();
    const { subscriber } = stage.add();
    stage.ticks(2);
    for (const sequence of [3, 1000, 2 ** 31 - 1]) {
      expect(() => stage.acknowledge(subscriber, sequence)).toThrow(ProtocolError);
    }
    stage.ticks(40);
    // It is off the topic by now: what others were sent is not its to acknowledge.
    expect(() => stage.acknowledge(subscriber, 42)).toThrow(ProtocolError);
  });

  test("[S17] an older one after a newer one changes nothing", () => {
    const stage = new Stage();
    const { subscriber } = stage.add();
    stage.ticks(5);
    stage.acknowledge(subscriber, 5);
    stage.acknowledge(subscriber, 2);
    expect(subscriber.ackedSequence).toBe(5);
    expect(subscriber.waitingSinceMs).toBeNull();
  });
});

describe("flow control", () => {
  test("[S17] a receiver that acknowledges every 100 ms stays, whatever the room sends", () => {
    const stage = new Stage({ playerCount: 10 });
    const { receiver, subscriber } = stage.add();
    for (let tick = 1; tick <= 300; tick++) {
      // 10 x 10 kB are 100 kB a batch; three of them are more than 256 KiB.
      stage.tick(10_000);
      if (tick % 3 === 0) stage.acknowledge(subscriber, tick);
    }
    expect(sequencesOf(receiver.takeBatches())).toEqual(Array.from({ length: 301 }, (_, at) => at));
    expect(stage.counters.withheld).toBe(0);
  });

  test("[S17] behind by time: off the topic, full state once all is acknowledged, live again", () => {
    const stage = new Stage();
    const { receiver, subscriber } = stage.add();
    stage.tick();
    stage.acknowledge(subscriber, 1);
    receiver.take();
    stage.ticks(20);
    // 250 ms and a round trip of 0 ms: batch 2 is 264 ms old when batch 10 has gone out.
    const underWay = sequencesOf(receiver.takeBatches());
    expect(underWay).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(receiver.topics.size).toBe(0);
    stage.acknowledge(subscriber, 9);
    expect(receiver.take()).toEqual([]);
    stage.acknowledge(subscriber, 10);
    expect(receiver.take()).toMatchObject([
      { type: "batch", isFullState: true, sequence: 21, entries: [{ revision: 21, x: 21 }] },
    ]);
    stage.tick();
    expect(receiver.take()).toMatchObject([{ type: "batch", isFullState: false, sequence: 22 }]);
    stage.acknowledge(subscriber, 22);
    expect(subscriber).toMatchObject({ flow: { state: "live" }, waitingSinceMs: null });
  });

  test("[S17] a long line is not a slow one: a receiver may be late by its round trip", () => {
    const stage = new Stage();
    const { receiver, subscriber } = stage.add();
    const roundTripTicks = 12; // 396 ms
    for (let tick = 1; tick <= 200; tick++) {
      stage.tick();
      if (tick > roundTripTicks) stage.acknowledge(subscriber, tick - roundTripTicks);
    }
    expect(receiver.takeBatches()).toHaveLength(201);
    // It stops: 396 + 250 ms later it is off.
    stage.ticks(40);
    const underWay = receiver.takeBatches().length;
    expect(underWay * TICK_MS + roundTripTicks * TICK_MS).toBeWithin(646, 646 + 2 * TICK_MS);
  });

  test("[S17] before its first acknowledgement a receiver is given 750 ms, and never more", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    receiver.take();
    stage.ticks(60);
    expect(receiver.takeBatches().length * TICK_MS).toBeWithin(750, 750 + 2 * TICK_MS);
  });

  test("[S17] behind by bytes: 256 KiB and four batches may be under way", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    receiver.take();
    stage.ticks(20, 100_000);
    expect(receiver.takeBatches()).toHaveLength(5);
    const { receiver: other } = stage.add();
    other.take();
    stage.ticks(20, 30_000);
    const bytes = other.takeBatches().map(({ entries }) => entries[0].byteLength);
    const total = bytes.reduce((sum, each) => sum + each, 0);
    expect(total).toBeWithin(256 * 1024, 256 * 1024 + 2 * bytes[0]);
  });

  test("[S26] full state that a receiver asks for does not acknowledge what came before", () => {
    const stage = new Stage();
    const { receiver, subscriber } = stage.add();
    for (let tick = 0; tick < 60; tick++) {
      stage.tick();
      if (subscriber.flow.state === "live") stage.sendFullState(subscriber);
    }
    expect(subscriber.flow.state).toBe("behind");
    const [first, ...batches] = receiver.takeBatches();
    expect(first.isFullState).toBe(true);
    expect(batches.filter(({ isFullState }) => !isFullState).length * TICK_MS).toBeWithin(
      750,
      750 + 2 * TICK_MS,
    );
  });

  test("[S17] in a room of tiny and many batches, 256 of them are enough, whatever the clock says", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    receiver.take();
    for (let tick = 0; tick < 400; tick++) {
      stage.nowMs -= TICK_MS; // no time passes
      stage.tick();
    }
    expect(receiver.takeBatches()).toHaveLength(256);
  });

  test("one that is behind delays nobody, and what it missed is counted", () => {
    const stage = new Stage({ playerCount: 3 });
    const slow = stage.add();
    const quick = stage.add();
    for (let tick = 1; tick <= 100; tick++) {
      stage.tick();
      stage.acknowledge(quick.subscriber, tick);
    }
    expect(quick.receiver.takeBatches()).toHaveLength(101);
    const missed = 101 - slow.receiver.takeBatches().length;
    expect(stage.counters.withheld).toBe(3 * missed);
  });

  test("when all are behind, what they miss is counted and the sequence goes on", () => {
    const stage = new Stage({ playerCount: 2 });
    const [a, b] = [stage.add(), stage.add()];
    stage.ticks(100);
    const got = [a, b].map(({ receiver }) => receiver.takeBatches());
    expect(stage.counters.withheld).toBe(2 * (101 - got[0].length) + 2 * (101 - got[1].length));
    stage.acknowledge(a.subscriber, got[0].at(-1)!.sequence);
    expect(a.receiver.take()).toMatchObject([{ isFullState: true, sequence: 100 }]);
  });

  test("[S17] a frame that the format cannot hold is told to one that was behind", () => {
    const stage = new Stage({ format: "binary" });
    const { receiver, subscriber } = stage.add();
    for (let tick = 0; tick < 40; tick++) stage.tickWith(encodeFrame(smallFrame(tick), "json"));
    const newest = receiver.takeBatches().at(-1)!.sequence;
    stage.tickWith(jsonOnlyFrame(1));
    expect(receiver.take()).toEqual([]);
    stage.acknowledge(subscriber, newest);
    expect(receiver.take()).toMatchObject([
      { type: "unavailable", index: 0 },
      { type: "batch", isFullState: true, entries: [] },
    ]);
  });
});

describe("a receiver that acknowledges nothing", () => {
  /** How the receiver is closed when `during` happens every second for 15 s. */
  function closedAfter(stage: Stage, receiver: Receiver, during: (second: number) => void) {
    for (let second = 1; second <= 15; second++) {
      stage.nowMs += 1000;
      during(second);
      stage.view.closeUnacknowledging(stage.nowMs);
      if (receiver.closedWith !== undefined) return { code: receiver.closedWith, second };
    }
    return undefined;
  }

  test("[S17] is closed 10 s after full state", () => {
    const stage = new Stage();
    const { receiver } = stage.add();
    expect(closedAfter(stage, receiver, () => {})).toEqual({
      code: CloseCode.NotAcknowledging,
      second: 11,
    });
  });

  test("[S17] is closed 10 s after its last acknowledgement, if it was sent more", () => {
    const stage = new Stage();
    const { receiver, subscriber } = stage.add();
    const closed = closedAfter(stage, receiver, (second) => {
      // Each round lasts 1,033 ms; the one at 2,066 ms is the last that says anything new.
      stage.tick();
      if (second <= 2) stage.acknowledge(subscriber, second - 1);
    });
    expect(closed).toEqual({ code: CloseCode.NotAcknowledging, second: 12 });
  });

  test("[S17] cannot put it off by saying the same again", () => {
    const stage = new Stage();
    const { receiver, subscriber } = stage.add();
    stage.ticks(3);
    const closed = closedAfter(stage, receiver, () => stage.acknowledge(subscriber, 1));
    expect(closed?.code).toBe(CloseCode.NotAcknowledging);
  });

  test("[S17] is left alone if it has acknowledged all that there was", () => {
    const stage = new Stage();
    const { receiver, subscriber } = stage.add();
    stage.ticks(3);
    stage.acknowledge(subscriber, 3);
    expect(closedAfter(stage, receiver, () => {})).toBeUndefined();
  });
});
