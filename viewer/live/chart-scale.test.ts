import { expect, test } from "bun:test";
import { scaleMax } from "./chart-scale.ts";

const seconds = (count: number, value: number) => Array.from({ length: count }, () => value);

test("[21] a spike at the start does not set the scale", () => {
  expect(scaleMax([2400, 900, ...seconds(30, 40)], null)).toBe(100);
  expect(scaleMax([2400, 38, 40], null)).toBe(100);
});

test("[21] a change that lasts does, and so do bursts of a line that is 0 otherwise", () => {
  expect(scaleMax([...seconds(100, 10), ...seconds(20, 80)], null)).toBe(100);
  expect(scaleMax([...seconds(100, 0), 7, 0, 0], null)).toBe(10);
});

test("what is not known sets no scale", () => {
  expect(scaleMax([], null)).toBe(2);
  expect(scaleMax([null, Number.NaN, 4, null], null)).toBe(5);
});

test("[21] a threshold is in view where it does not dwarf the values", () => {
  expect(scaleMax(seconds(50, 60), 150)).toBe(200);
  expect(scaleMax(seconds(50, 20), 150)).toBe(20);
  expect(scaleMax(seconds(50, 300), 150)).toBe(500);
});
