// A room that is a crowd, through the hub: who is in sight, at which rate, and within which budget.
import { describe, expect, test } from "bun:test";
import { joinSpectator, MemoryClient } from "../../../test/memory-client.ts";
import { MemoryServer } from "../../../test/memory-server.ts";
import type { Received, ReceivedBatch } from "../../../test/received.ts";
import { encodeFrame, jsonOnlyFrame } from "../../../test/frame-messages.ts";
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
  test("[S53] [S53a] [S53b] [S54] near, middle and far players come with all, half and a quarter of their frames", () => {
    const server = crowdOf(80);
    const watchers = [watch(server), watch(server, { format: "binary" })];
    // From the end of the row, where p0 is: p79 is the furthest.
    for (const watcher of watchers) watcher.say({ type: "view", points: [[0, 0, 0]] });
    run(server, 80, watchers, 3000);
    for (const watcher of watchers) watcher.take();
    run(server, 80, watchers, 4000);
    const moving = watchers.map((watcher) => watcher.take());
    step(server, watchers, 500);
    const pausing = watchers.map((watcher) => watcher.take());
    for (const at of watchers.keys()) {
      const counts = framesByPlayer(moving[at]);
      const share = (from: number, to: number) => {
        const some = Array.from({ length: to - from }, (_, nth) => counts.get(from + nth) ?? 0);
        return some.reduce((sum, count) => sum + count, 0) / some.length / 80;
      };
      expect(share(0, 16)).toBeCloseTo(1, 1);
      expect(share(27, 53)).toBeCloseTo(0.5, 1);
      expect(share(70, 80)).toBeCloseTo(0.25, 1);
      // Everybody is shown as it is in the end.
      const last = new Map<number, number>();
      for (const { entries } of batchesOf([...moving[at], ...pausing[at]])) {
        for (const { index, y, isOld } of entries) if (!isOld) last.set(index, Math.round(100 * y));
      }
      expect([...last.values()]).toEqual(Array(80).fill(79));
      // Once, and only of those who were not sent it.
      expect(framesByPlayer(pausing[at]).get(3)).toBeUndefined();
    }
  });

  test("[S57] whoever comes near enters with skeleton and keyframe, and whoever does not fit leaves", () => {
    const server = crowdOf(80);
    const watcher = watch(server);
    watcher.say({ type: "view", points: [[0, 0, 0]], bytesPerSecond: 20_000 });
    run(server, 80, [watcher], 6000);
    watcher.say({ type: "view", points: [[790, 0, 0]], bytesPerSecond: 20_000 });
    watcher.take();
    run(server, 80, [watcher], 4000);
    const batches = batchesOf(watcher.take());
    const left = batches.flatMap(({ out }) => out);
    const entered = batches.flatMap(({ skeletons }) => skeletons.map(({ index }) => index));
    expect(Math.max(...left)).toBeLessThan(Math.min(...entered));
    expect(entered).toContain(79);
    // Nothing of whoever has left.
    const seen = framesByPlayer(batches.slice(-20));
    for (const index of left) expect(seen.has(index)).toBe(false);
  });

  test("[S60] a frame that the format cannot hold is told once, and its player leaves until one fits", () => {
    const server = crowdOf(60);
    const watcher = watch(server, { format: "binary" });
    run(server, 60, [watcher], 2000);
    watcher.take();
    const { nowMs } = server.clock;
    const bytes = jsonOnlyFrame(0);
    for (const tick of [0, 1]) {
      server.hub.publish("lobby", "p0", {
        format: "json",
        bytes,
        source: "app",
        nowMs: nowMs + tick,
      });
      step(server, [watcher], 1000);
    }
    const messages = watcher.take();
    const told = messages.filter(({ type }) => type === "unavailable");
    expect(told).toMatchObject([{ index: 0 }]);
    expect(batchesOf(messages).flatMap(({ out }) => out)).toEqual([0]);
    run(server, 1, [watcher], 500);
    expect(framesByPlayer(watcher.take()).has(0)).toBe(true);
  });

  test("[S55] [S55a] [S55b] a view from elsewhere, of a position or a player, and pinned players", () => {
    const server = crowdOf(60);
    const fromPoint = watch(server);
    const fromPlayer = watch(server);
    const pinning = watch(server);
    const overview = watch(server);
    fromPoint.say({ type: "view", points: [[590, 0, 0]] });
    fromPlayer.say({ type: "view", points: ["p59"] });
    pinning.say({ type: "view", points: [[590, 0, 0]], pinned: ["p0", "nobody"] });
    const watchers = [fromPoint, fromPlayer, pinning, overview];
    run(server, 60, watchers, 3000);
    for (const watcher of watchers) watcher.take();
    run(server, 60, watchers, 2000);
    const seen = watchers.map((watcher) => framesByPlayer(watcher.take()));
    const isNear = (index: number) => seen.map((counts) => (counts.get(index) ?? 0) > 35);
    expect(isNear(59)).toEqual([true, true, true, false]);
    expect(isNear(0)).toEqual([false, false, true, false]);
    expect(isNear(30)).toEqual([false, false, false, true]);
  });

  test("[S55c] a player who is named and comes later counts from then on", () => {
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

  test("[S56a] [S58] a newcomer is sent everybody at once; after it was behind, as many as its budget holds", () => {
    const server = crowdOf(60);
    const publishLarge = () => {
      for (let at = 0; at < 60; at++) {
        const frame = { ...smallFrame(10 * at), padding: "x".repeat(10_000) };
        const bytes = encodeFrame(frame, "json");
        const { nowMs } = server.clock;
        server.hub.publish("lobby", `p${at}`, { format: "json", bytes, source: "app", nowMs });
      }
    };
    publishLarge();
    const watcher = new MemoryClient(server, { format: "json" });
    watcher.answersPings = true;
    watcher.join();
    // 600 kB: the burst, and 15 % of 2 MB.
    const [joined] = batchesOf(watcher.take());
    expect(joined).toMatchObject({ isFullState: true });
    expect(joined.entries).toHaveLength(60);
    for (let count = 0; count < 30; count++) {
      publishLarge();
      step(server, [], 50);
    }
    watcher.take();
    watcher.acknowledge(watcher.newestSequence);
    const [full] = batchesOf(watcher.take());
    expect(full).toMatchObject({ isFullState: true });
    expect(full.entries.length).toBeWithin(10, 31);
    step(server, [watcher], 1000);
    const all = new Set(
      [...full.entries, ...batchesOf(watcher.take()).flatMap(({ entries }) => entries)].map(
        ({ index }) => index,
      ),
    );
    expect(all.size).toBe(60);
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
