import { expect, test } from "bun:test";
import { RateMeter } from "./rate-meter.ts";

test("a steady stream reads its rate, and silence fades to nothing in two seconds", () => {
  const meter = new RateMeter();
  for (let nowMs = 0; nowMs < 5000; nowMs += 50) meter.add(100, nowMs);
  const { eventsPerSecond, bytesPerSecond } = meter.rate(4999);
  expect(eventsPerSecond).toBeCloseTo(20, 0);
  expect(bytesPerSecond).toBeCloseTo(2000, -2);
  expect(meter.rate(6999).eventsPerSecond).toBe(0);
});

test("a clock that is set back starts afresh", () => {
  const meter = new RateMeter();
  meter.add(1, 10_000);
  meter.add(1, 500);
  expect(meter.rate(500).eventsPerSecond).toBe(1);
});
