import { expect, test } from "bun:test";
import { TickRate } from "./tick-rate.ts";

const BASE_MS = 1000 / 30;

/** Ticks for `forMs`, each as late as `latenessMs` says; the intervals that came of it. */
function run(
  rate: TickRate,
  from: { nowMs: number },
  forMs: number,
  latenessMs: (intervalMs: number) => number,
  baseMs = BASE_MS,
): number[] {
  const intervals: number[] = [];
  const endMs = from.nowMs + forMs;
  while (from.nowMs < endMs) {
    const intervalMs = rate.intervalMs(baseMs);
    const late = latenessMs(intervalMs);
    from.nowMs += Math.max(intervalMs, 1) + late;
    rate.observe(late, baseMs, from.nowMs);
    intervals.push(rate.intervalMs(baseMs));
  }
  return intervals;
}

const isRising = (values: readonly number[]) =>
  values.every((value, at) => at === 0 || value >= values[at - 1]);

test("[S18] ticks that are on time keep the room's interval, 0 included", () => {
  for (const baseMs of [0, BASE_MS]) {
    const rate = new TickRate();
    expect(new Set(run(rate, { nowMs: 0 }, 10_000, () => 1, baseMs))).toEqual(new Set([baseMs]));
  }
});

test("[S18] one late tick is an accident", () => {
  const rate = new TickRate();
  const clock = { nowMs: 0 };
  run(rate, clock, 1000, () => 0);
  rate.observe(100, BASE_MS, clock.nowMs);
  expect(rate.intervalMs(BASE_MS)).toBe(BASE_MS);
});

test("[S18b] [S18c] ticks that are always late grow longer step by step, up to 4 Hz", () => {
  const rate = new TickRate();
  const intervals = run(rate, { nowMs: 0 }, 60_000, (intervalMs) => intervalMs);
  expect(isRising(intervals)).toBe(true);
  expect(intervals.at(-1)).toBe(250);
  const steps = new Set(intervals);
  for (const [at, step] of [...steps].entries()) {
    if (at > 0) expect(step / [...steps][at - 1]).toBeLessThanOrEqual(1.2501);
  }
});

test("[S18] they grow no longer than they need to be", () => {
  const rate = new TickRate();
  // A tick takes 60 ms of work: what does not fit its interval makes the next one late.
  const intervals = run(rate, { nowMs: 0 }, 60_000, (intervalMs) => Math.max(0, 60 - intervalMs));
  expect(intervals.at(-1)).toBeWithin(40, 70);
});

test("[S18b] once they are on time again they shorten, a step a second, back to the room's interval", () => {
  const rate = new TickRate();
  const clock = { nowMs: 0 };
  run(rate, clock, 30_000, () => 1000);
  expect(rate.intervalMs(BASE_MS)).toBe(250);
  const intervals = run(rate, clock, 40_000, () => 0);
  expect(isRising(intervals.toReversed())).toBe(true);
  expect(intervals.at(-1)).toBe(BASE_MS);
  // 250 ms to 33 ms in steps of 10 %: 22 of them.
  expect(new Set(intervals).size).toBeWithin(20, 25);
});

test("[S18] a room that sends at once is given an interval under load, and loses it again", () => {
  const rate = new TickRate();
  const clock = { nowMs: 0 };
  run(rate, clock, 300, () => 15, 0);
  expect(rate.intervalMs(0)).toBeGreaterThanOrEqual(20);
  run(rate, clock, 30_000, () => 0, 0);
  expect(rate.intervalMs(0)).toBe(0);
});

test("[S18] a room that is slower by itself is not made any faster", () => {
  const rate = new TickRate();
  run(rate, { nowMs: 0 }, 30_000, () => 2000, 1000);
  expect(rate.intervalMs(1000)).toBe(1000);
});

test("[S18b] [S18c] under load publishers slow down first, and the tick stays short", () => {
  const rate = new TickRate();
  // Late until a publisher's frames are 100 ms apart.
  run(rate, { nowMs: 0 }, 3000, () => (rate.publishIntervalMs(BASE_MS) < 100 ? 40 : 0));
  expect(rate.publishIntervalMs(BASE_MS)).toBeWithin(90, 130);
  expect(rate.intervalMs(BASE_MS)).toBe(BASE_MS);
});

test("[S18b] publishers are never asked for less than 4 Hz, unless the room is slower by itself", () => {
  const rate = new TickRate();
  run(rate, { nowMs: 0 }, 60_000, (intervalMs) => intervalMs);
  expect([BASE_MS, 1000].map((baseMs) => rate.publishIntervalMs(baseMs))).toEqual([250, 1000]);
});
