import { describe, expect, test } from "bun:test";
import { WeightRange } from "./weight-range.ts";

/** What is guessed after each pose, seconds of 60 Hz. */
function guess(
  range: WeightRange,
  seconds: number,
  weightsAt: (second: number) => number[],
): number[] {
  return Array.from({ length: Math.round(seconds * 60) }, (_, index) => {
    range.observe(Float32Array.from(weightsAt(index / 60)));
    return range.max;
  });
}

const speech = (second: number) => [
  0.4 + 0.4 * Math.sin(second * 9),
  0.3 + 0.3 * Math.sin(second * 7 + 1),
  0.05,
];
const times = (factor: number) => (second: number) =>
  speech(second).map((weight) => weight * factor);
const noise = (second: number) => [0.6 + 0.3 * Math.sin(second * 20), 0.4, 0.2];
const onlyIn = (range: WeightRange, seconds: number, weightsAt: (second: number) => number[]) => [
  ...new Set(guess(range, seconds, weightsAt)),
];

test("a face of 0..100 at rest is at rest from its first pose on", () => {
  expect(onlyIn(new WeightRange(), 20, () => [1.4, 0.9, 0.8])).toEqual([100]);
});

test("a face of 0..1 is never taken for one of 0..100", () => {
  expect(onlyIn(new WeightRange(), 20, speech)).toEqual([1]);
  // One that exaggerates.
  expect(onlyIn(new WeightRange(), 20, times(1.5))).toEqual([1]);
});

describe("a wrong value of a face of 0..1", () => {
  const withWrong = (from: number, until: number, wrong: number[]) => (second: number) =>
    second >= from && second < until ? wrong : speech(second);

  test("changes nothing once the face was seen", () => {
    expect(onlyIn(new WeightRange(), 10, withWrong(3, 3.4, [3, 0.4, 0.2]))).toEqual([1]);
    expect(onlyIn(new WeightRange(), 10, withWrong(3, 3.1, [80, 70, 90]))).toEqual([1]);
  });

  test("that comes first is forgotten within two seconds", () => {
    const range = new WeightRange();
    expect(guess(range, 2, withWrong(0, 0.4, [50, 0.4, 0.2])).at(-1)).toBe(1);
    expect(onlyIn(range, 60, speech)).toEqual([1]);
  });

  test("in all of its blend shapes for half a second is forgotten soon", () => {
    const range = new WeightRange();
    guess(range, 5, speech);
    guess(range, 0.5, () => [90, 80, 70]);
    expect(guess(range, 3, speech).at(-1)).toBe(1);
  });

  test("that stays in one blend shape is found, and the face stays", () => {
    const range = new WeightRange();
    guess(range, 5, speech);
    expect(onlyIn(range, 0.5, (second) => [3, ...speech(second).slice(1)])).toEqual([1]);
  });
});

describe("a face of 0..100", () => {
  test("that rested below 1 is found within a second of speech", () => {
    const range = new WeightRange();
    guess(range, 30, noise);
    expect(guess(range, 1.5, times(100)).at(-1)).toBe(100);
  });

  test("that has spoken stays so, however long it rests below 1", () => {
    const range = new WeightRange();
    guess(range, 10, times(100));
    expect(onlyIn(range, 600, noise)).toEqual([100]);
  });
});

test("Unity's names mean 100 until weights tell", () => {
  expect(new WeightRange(["blendShape1.jawOpen"]).max).toBe(100);
  expect(new WeightRange(["jawOpen"]).max).toBe(1);
  const range = new WeightRange(["blendShape1.jawOpen", "blendShape1.eyeBlink_L"]);
  expect(guess(range, 2, speech).at(-1)).toBe(1);
});

test("what a sender says counts, whatever it sends", () => {
  const range = new WeightRange();
  range.declared = 100;
  expect(onlyIn(range, 1, speech)).toEqual([100]);
  range.declared = 1;
  expect(onlyIn(range, 1, times(100))).toEqual([1]);
});

test("nothing, NaN and infinity are survived", () => {
  const range = new WeightRange();
  guess(range, 1, () => [NaN, -5, 0]);
  expect(range.max).toBe(1);
  guess(range, 5, (second) => (second > 1 && second < 1.1 ? [Infinity, 0.5] : speech(second)));
  expect(range.max).toBe(1);
});
