// A room that is a crowd, through the hub: who is in sight, at which rate, and within which budget.
import { describe, expect, test } from "bun:test";
import { joinSpectator } from "../../../test/memory-client.ts";
import type { MemoryClient } from "../../../test/memory-client.ts";
import { MemoryServer } from "../../../test/memory-server.ts";
import type { Received, ReceivedBatch } from "../../../test/received.ts";
import { encodeFrame } from "../../../test/frame-messages.ts";
import { smallFrame } from "../../../test/frames.ts";
import type { StreamFormat } from "../../codec/index.ts";

const CROWD_ABOVE = 40;
const STREAM = { format: "stream" } as const;

/** A crowd of this many players, each 10 m from the next along x. They post: nobody but the watchers receives. */
function crowdOf(count: number): MemoryServer {
  const server = new MemoryServer({ crowdAbove: CROWD_ABOVE });
  publishAll(server, count, 0);
  step(server, [], 200);
  expect(server.hub.room("lobby")?.isCrowd).toBe(count > CROWD_ABOVE);
  return server;
}

/** The round is told by y, so that x stays what it is. */
function publishAll(server: MemoryServer, count: number, round: number): void {
  const { nowMs } = server.clock;
  for (let at = 0; at < count; at++) {
    const frame = smallFrame(10 * at);
    frame.rootTransform.worldPosition.y = round / 100;
    const bytes = encodeFrame(frame, "binary");
    server.hub.publish("lobby", `p${at}`, { format: "binary", bytes, source: "app", nowMs });
  }
}

/** Lets time pass; everybody acknowledges what has come. */
function step(server: MemoryServer, clients: readonly MemoryClient[], ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    server.clock.advance(50);
    for (const client of clients) client.acknowledge(client.newestSequence);
  }
}

/** The first `count` players publish 20 times a second, for this long. */
function run(
  server: MemoryServer,
  count: number,
  watchers: readonly MemoryClient[],
  ms: number,
): void {
  for (let passed = 0; passed < ms; passed += 50) {
    publishAll(server, count, passed / 50);
    step(server, watchers, 50);
  }
}

/** One that answers pings, whatever it acknowledges. */
function watch(server: MemoryServer, options: { format: StreamFormat } = STREAM): MemoryClient {
  const watcher = joinSpectator(server, options);
  watcher.answersPings = true;
  return watcher;
}

const batchesOf = (messages: readonly Received[]): ReceivedBatch[] =>
  messages.filter((message) => message.type === "batch");

/** Frames of each player, by its number, in these batches. */
function framesByPlayer(messages: readonly Received[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { entries } of batchesOf(messages)) {
    for (const { index } of entries) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return counts;
}

describe("who is in sight", () => {
  test("[S53] [S54] near, middle and far players come with all, half and a quarter of their frames", () => {
    const server = crowdOf(80);
    // From the end of the row, where p0 is: p79 is the furthest.
    const watcher = watch(server);
    watcher.say({ type: "view", points: [[0, 0, 0]] });
    run(server, 80, [watcher], 3000);
    watcher.take();
    run(server, 80, [watcher], 4000);
    const counts = framesByPlayer(watcher.take());
    const share = (from: number, to: number) => {
      const some = Array.from({ length: to - from }, (_, at) => counts.get(from + at) ?? 0);
      return some.reduce((sum, count) => sum + count, 0) / some.length / 80;
    };
    expect(share(0, 16)).toBeCloseTo(1, 1);
    expect(share(27, 53)).toBeCloseTo(0.5, 1);
    expect(share(70, 80)).toBeCloseTo(0.25, 1);
  });

  test("[S55] a view from elsewhere, of a position or a player, and pinned players", () => {
    const server = crowdOf(60);
    const fromPoint = watch(server);
    const fromPlayer = watch(server);
    const pinning = watch(server);
    fromPoint.say({ type: "view", points: [[590, 0, 0]] });
    fromPlayer.say({ type: "view", points: ["p59"] });
    pinning.say({ type: "view", points: [[590, 0, 0]], pinned: ["p0", "nobody"] });
    const watchers = [fromPoint, fromPlayer, pinning];
    run(server, 60, watchers, 3000);
    for (const watcher of watchers) watcher.take();
    run(server, 60, watchers, 2000);
    const seen = watchers.map((watcher) => framesByPlayer(watcher.take()));
    for (const counts of seen) expect(counts.get(59)).toBeWithin(38, 42);
    expect(seen.map((counts) => (counts.get(0) ?? 0) > 35)).toEqual([false, false, true]);
  });

  test("[S55] a player who is named and comes later counts from then on", () => {
    const server = crowdOf(60);
    const watcher = watch(server);
    watcher.say({ type: "view", points: [[0, 0, 0]], pinned: ["p60"] });
    // The last of the row.
    run(server, 61, [watcher], 3000);
    watcher.take();
    run(server, 61, [watcher], 2000);
    expect(framesByPlayer(watcher.take()).get(60)).toBeWithin(38, 42);
  });
});

describe("the budget", () => {
  test("[S56] a small one holds what is sent, and those who are nearest keep coming", () => {
    const server = crowdOf(80);
    const watcher = watch(server);
    let bytes = 0;
    watcher.say({ type: "view", points: [[0, 0, 0]], bytesPerSecond: 20_000 });
    run(server, 80, [watcher], 3000);
    watcher.take();
    run(server, 80, [watcher], 5000);
    const messages = watcher.take();
    for (const { entries } of batchesOf(messages)) {
      bytes += 13;
      for (const { byteLength } of entries) bytes += byteLength + 5;
    }
    expect(bytes).toBeLessThan(5 * 20_000);
    const counts = framesByPlayer(messages);
    expect(counts.get(0)).toBeGreaterThan(90);
    // [S61]
    expect(messages.filter(({ type }) => type === "places")).toEqual([]);
  });

  test("[S56] JSON has one of its own", () => {
    const server = crowdOf(60);
    const watcher = watch(server, { format: "json" });
    run(server, 60, [watcher], 2000);
    watcher.take();
    run(server, 60, [watcher], 1000);
    expect(framesByPlayer(watcher.take()).size).toBe(60);
  });
});

describe("what everybody is told", () => {
  test("[S59] publishers are asked for 20 Hz while it is a crowd", () => {
    const server = crowdOf(CROWD_ABOVE);
    const watcher = watch(server);
    const ratesAfter = () => {
      step(server, [watcher], 300);
      return watcher.takeAll("rate").map(({ rateHz }) => rateHz);
    };
    publishAll(server, CROWD_ABOVE + 1, 1);
    expect(ratesAfter()).toEqual([20]);
    for (let at = 32; at <= CROWD_ABOVE; at++)
      server.hub.removePlayer("lobby", `p${at}`, server.clock.nowMs);
    expect(ratesAfter()).toEqual([]);
    server.hub.removePlayer("lobby", "p31", server.clock.nowMs);
    expect(ratesAfter()).toEqual([30]);
  });

  test("[S61] everybody's place, also of those who are out of sight, and again if nobody moves", () => {
    const server = crowdOf(60);
    const watcher = watch(server);
    step(server, [watcher], 2500);
    const placesOf = () => watcher.takeAll("places");
    const [first] = placesOf();
    expect(first.places.map(({ index }) => index)).toEqual(
      Array.from({ length: 60 }, (_, at) => at),
    );
    for (const { index, position } of first.places) expect(position[0]).toBeCloseTo(10 * index, 1);
    step(server, [watcher], 2000);
    expect(placesOf().length).toBeWithin(1, 3);
    server.hub.removePlayer("lobby", "p7", server.clock.nowMs);
    step(server, [watcher], 500);
    const [next] = placesOf().slice(-1);
    expect(next.places.map(({ index }) => index)).not.toContain(7);
    expect(next.places).toHaveLength(59);
  });

  test("[S17] a receiver that is behind is sent neither batches nor places, then full state", () => {
    const server = crowdOf(60);
    const watcher = watch(server);
    run(server, 60, [watcher], 500);
    run(server, 60, [], 2000);
    watcher.take();
    run(server, 60, [], 1000);
    expect(watcher.take().filter(({ type }) => type !== "acknowledge")).toEqual([]);
    watcher.acknowledge(watcher.newestSequence);
    const [full] = batchesOf(watcher.take());
    expect(full).toMatchObject({ isFullState: true });
    expect(full.entries.length).toBeGreaterThan(50);
    expect(server.hub.room("lobby")!.superseded.withheld).toBeGreaterThan(1000);
  });
});
