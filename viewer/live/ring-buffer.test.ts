import { expect, test } from "bun:test";
import { RingBuffer } from "./ring-buffer.ts";

test("holds the last n numbers, oldest first, and null for what is not known", () => {
  const buffer = new RingBuffer(3);
  expect(buffer.toArray()).toEqual([null, null, null]);
  for (const value of [1, 2, Number.NaN, 4]) buffer.push(value);
  expect(buffer.toArray()).toEqual([2, null, 4]);
});
