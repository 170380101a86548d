import { expect, test } from "bun:test";
import { backoffMs } from "./backoff.ts";

test("the longest wait doubles from 0.25 s to 10 s", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map((attempt) => backoffMs(attempt, 1));
  expect(longest).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
});

test("the whole wait is random", () => {
  expect(backoffMs(5, 0)).toBe(0);
  expect(backoffMs(5, 0.5)).toBe(2000);
});
