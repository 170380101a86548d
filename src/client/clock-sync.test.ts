import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ClockSync } from "./clock-sync.ts";

const OFFSET_MS = 1.7e12;

/** A ping at `sentMs` that takes so long each way, to a server that is ahead by `offsetMs`. */
function ping(sentMs: number, thereMs: number, backMs: number, offsetMs = OFFSET_MS) {
  return {
    sentMs,
    receivedMs: sentMs + thereMs + backMs,
    serverTimeUs: (sentMs + thereMs + offsetMs) * 1000,
  };
}

describe("the offset", () => {
  test("[S13a] is known at the first pong and synced at the third", () => {
    const clock = new ClockSync();
    expect(clock.offsetMs(0)).toBe(0);
    expect(clock.rttMs).toBeNull();
    clock.addSample(ping(0, 10, 10));
    expect(clock.serverTimeMs(20)).toBeCloseTo(OFFSET_MS + 20, 2);
    expect([clock.rttMs, clock.isSynced]).toEqual([20, false]);
    clock.addSample(ping(100, 10, 10));
    clock.addSample(ping(200, 10, 10));
    expect(clock.isSynced).toBe(true);
  });

  test("[S13a] is off by at most half a round trip", () => {
    const delay = fc.double({ min: 0, max: 300, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 40 }), (delays) => {
        const clock = new ClockSync();
        delays.forEach(([there, back], index) => clock.addSample(ping(index * 2000, there, back)));
        const laterMs = delays.length * 2000 + 60_000;
        const rttMs = clock.rttMs ?? 0;
        expect(Math.abs(clock.offsetMs(laterMs) - OFFSET_MS)).toBeLessThan(rttMs / 2 + 0.01);
      }),
    );
  });

  test("[S13a] is the quickest pong's: a slow one changes nothing", () => {
    const clock = new ClockSync();
    for (let at = 0; at < 3; at++) clock.addSample(ping(at * 100, 5, 5));
    clock.addSample(ping(1000, 400, 5));
    expect(clock.offsetMs(10_000)).toBeCloseTo(OFFSET_MS, 2);
    expect(clock.rttMs).toBe(10);
  });

  test("forgets the quickest pong after half a minute, for clocks drift", () => {
    const clock = new ClockSync();
    clock.addSample(ping(0, 1, 1));
    for (let at = 1; at <= 16; at++) clock.addSample(ping(at * 2000, 20, 20, OFFSET_MS + 3));
    expect(clock.rttMs).toBe(40);
    expect(clock.offsetMs(60_000)).toBeCloseTo(OFFSET_MS + 3, 2);
  });

  test("leaves out a pong from before its ping, and what is no number", () => {
    const clock = new ClockSync();
    clock.addSample({ sentMs: 10, receivedMs: 9, serverTimeUs: 5 });
    clock.addSample({ sentMs: 10, receivedMs: 11, serverTimeUs: Number.NaN });
    expect(clock.rttMs).toBeNull();
  });
});

describe("a better estimate", () => {
  test("is approached: time runs on, neither back nor much faster", () => {
    const delay = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(delay, delay), { minLength: 4, maxLength: 40 }), (delays) => {
        const clock = new ClockSync();
        let lastMs = -Infinity;
        let last = 0;
        delays.forEach(([there, back], index) => {
          const sentMs = index * 2000;
          if (index >= 3) {
            for (let nowMs = sentMs - 1500; nowMs < sentMs; nowMs += 50) {
              const time = clock.serverTimeMs(nowMs);
              if (nowMs > lastMs && lastMs > 0) {
                const speed = (time - last) / (nowMs - lastMs);
                expect(speed).toBeGreaterThan(0.94);
                expect(speed).toBeLessThan(1.06);
              }
              [last, lastMs] = [time, nowMs];
            }
          }
          clock.addSample(ping(sentMs, there, back));
        });
      }),
    );
  });

  test("takes 0.4 s for 20 ms", () => {
    const clock = new ClockSync();
    for (let at = 0; at < 3; at++) clock.addSample(ping(at * 100, 50, 10));
    clock.addSample(ping(1000, 0, 0));
    expect(clock.offsetMs(1000)).toBeCloseTo(OFFSET_MS + 20, 1);
    expect(clock.offsetMs(1200)).toBeCloseTo(OFFSET_MS + 10, 1);
    expect(clock.offsetMs(1400)).toBeCloseTo(OFFSET_MS, 1);
    expect(clock.offsetMs(9000)).toBeCloseTo(OFFSET_MS, 1);
  });
});

test("a clock that was set is noticed by one pong, and followed", () => {
  const clock = new ClockSync();
  for (let at = 0; at < 5; at++) clock.addSample(ping(at * 2000, 5, 5));
  clock.addSample(ping(20_000, 30, 30, OFFSET_MS + 5000));
  expect(clock.isSynced).toBe(false);
  expect(clock.offsetMs(20_060)).toBeCloseTo(OFFSET_MS + 5000, 2);
  expect(clock.rttMs).toBe(60);
});
