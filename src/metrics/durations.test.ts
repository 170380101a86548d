import { expect, test } from "bun:test";
import { Durations } from "./durations.ts";

test("each duration is counted up to the first bound that holds it, and in all above", () => {
  const durations = new Durations();
  for (const seconds of [0, 0.001, 0.0011, 0.3, 100]) durations.observe(seconds);
  const counts = durations.cumulativeCounts();
  const upTo = (bound: number) => counts[Durations.boundsSeconds.indexOf(bound)];
  expect([upTo(0.001), upTo(0.0025), upTo(0.25), upTo(0.5), upTo(2.5)]).toEqual([2, 3, 3, 4, 4]);
  expect(counts.at(-1)).toBe(5);
  expect(durations.sumSeconds).toBeCloseTo(100.3021, 9);
  expect(durations.newestSeconds).toBe(100);
});
