import { expect, test } from "bun:test";
import { backoffMs } from "./backoff.ts";

test("[9] the longest wait doubles from 0.1 s to 4 s", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map((attempt) => backoffMs(attempt, 1));
  expect(longest).toEqual([100, 200, 400, 800, 1600, 3200, 4000, 4000, 4000]);
});

test("the whole wait is random", () => {
  expect(backoffMs(5, 0)).toBe(0);
  expect(backoffMs(5, 0.5)).toBe(800);
});
