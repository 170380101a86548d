import { expect, test } from "bun:test";
import { ByteMeter } from "./byte-meter.ts";

function measure(messages: readonly (readonly [ms: number, bytes: number])[], endMs = 5000) {
  const meter = new ByteMeter();
  const whole: number[] = [];
  let most = 0;
  const out = {
    addSecond: (bytes: number) => void whole.push(bytes),
    addAnySecond: (bytes: number) => void (most = Math.max(most, bytes)),
  };
  for (const [ms, bytes] of messages) meter.add(bytes, ms, { startMs: 1000, endMs }, out);
  return { whole, most };
}

test("each whole second of the measured time is counted once", () => {
  const messages = Array.from(
    { length: 60 },
    (_, tenth) => [tenth * 100, tenth < 30 ? 1 : 2] as const,
  );
  expect(measure(messages).whole).toEqual([10, 10, 20, 20]);
});

test("a second that has most bytes is found though it is no whole one", () => {
  const { whole, most } = measure([
    [1000, 1],
    [1900, 50],
    [2600, 50],
    [3500, 1],
    [4900, 0],
    [5000, 0],
  ]);
  expect(whole).toEqual([51, 50, 1, 0]);
  expect(most).toBe(100);
});

test("a pause of more than a second has seconds without bytes", () => {
  const { whole, most } = measure([
    [1000, 70],
    [1900, 1],
    [4200, 60],
    [5000, 0],
  ]);
  expect(whole).toEqual([71, 0, 0, 60]);
  expect(most).toBe(71);
});
