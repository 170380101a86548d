import { expect, test } from "bun:test";
import { RateMeter } from "./rate-meter.ts";

test("a steady stream reads its rate, and silence fades to nothing in two seconds", () => {
  const meter = new RateMeter();
  for (let nowMs = 0; nowMs < 5000; nowMs += 50) meter.add(100, nowMs);
  expect(meter.eventsPerSecond(4999)).toBeCloseTo(20, 0);
  expect(meter.bytesPerSecond(4999)).toBeCloseTo(2000, -2);
  expect(meter.eventsPerSecond(6999)).toBe(0);
});

test("a clock that is set back starts afresh", () => {
  const meter = new RateMeter();
  meter.add(1, 10_000);
  meter.add(1, 500);
  expect(meter.eventsPerSecond(500)).toBe(1);
});

test("totals only grow, and a meter that ends leaves them to another", () => {
  const [ended, meter] = [new RateMeter(), new RateMeter()];
  for (let nowMs = 0; nowMs < 5000; nowMs += 50) ended.add(100, nowMs);
  meter.add(7, 4900, 2);
  meter.absorb(ended);
  expect([meter.eventsTotal, meter.bytesTotal]).toEqual([102, 10_007]);
  expect([meter.eventsPerSecond(4900), meter.bytesPerSecond(4900)]).toEqual([2, 7]);
});
