import { expect, test } from "bun:test";
import { ClockSync } from "./clock-sync.ts";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { Heartbeat } from "./heartbeat.ts";

function setUp() {
  const runtime = new FakeRuntime();
  const clock = new ClockSync();
  const pings: { id: number; atMs: number }[] = [];
  let silences = 0;
  const startMs = runtime.nowMs;
  const heartbeat = new Heartbeat({
    runtime,
    clock,
    sendPing: (id) => pings.push({ id, atMs: runtime.nowMs - startMs }),
    onSilence: () => void silences++,
  });
  const answer = () => {
    heartbeat.received();
    heartbeat.pong(pings.at(-1)?.id ?? 0, runtime.nowMs * 1000);
  };
  return { runtime, clock, pings, heartbeat, answer, silences: () => silences };
}

test("[S9b] the first pings come quickly, then one every 2 s", () => {
  const { runtime, pings, answer } = setUp();
  for (let second = 0; second < 50; second++) {
    runtime.advance(200);
    answer();
  }
  expect(pings.slice(0, 8).map(({ atMs }) => atMs)).toEqual([
    0, 100, 200, 300, 400, 500, 2500, 4500,
  ]);
});

test("pongs set the clock", () => {
  const { runtime, clock, heartbeat, pings } = setUp();
  runtime.advance(30);
  heartbeat.pong(pings[0].id, (runtime.nowMs - 15 + 5e11) * 1000);
  expect(clock.rttMs).toBe(30);
  expect(clock.offsetMs(runtime.nowMs)).toBeCloseTo(5e11, 3);
  heartbeat.pong(pings[0].id, 0);
  heartbeat.pong(99, 0);
  expect(clock.offsetMs(runtime.nowMs)).toBeCloseTo(5e11, 3);
});

test("a server that says nothing for 6 s is gone", () => {
  const { runtime, silences, answer } = setUp();
  answer();
  runtime.advance(5900);
  expect(silences()).toBe(0);
  runtime.advance(2600);
  expect(silences()).toBe(1);
  runtime.advance(60_000);
  expect(silences()).toBe(1);
});

test("anything that comes is a sign of life", () => {
  const { runtime, heartbeat, silences } = setUp();
  for (let second = 0; second < 60; second++) {
    runtime.advance(1000);
    heartbeat.received();
  }
  expect(silences()).toBe(0);
});

test("[S9b] what comes sends a ping that is overdue, though a hidden page's timers hardly run", () => {
  const { runtime, pings, heartbeat } = setUp();
  runtime.advance(500);
  const count = pings.length;
  runtime.nowMs += 2500;
  heartbeat.received();
  heartbeat.received();
  expect(pings.length).toBe(count + 1);
});

test("an ended connection pings no more", () => {
  const { runtime, pings, heartbeat } = setUp();
  heartbeat.stop();
  runtime.advance(10_000);
  expect(pings.length).toBe(1);
});
