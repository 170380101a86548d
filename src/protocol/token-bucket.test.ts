import { expect, test } from "bun:test";
import { TokenBucket } from "./token-bucket.ts";

const LIMIT = { perSecond: 10, burst: 20 };

/** How many of `tries` at this time are allowed. */
const allowed = (bucket: TokenBucket, tries: number, nowMs: number) =>
  Array.from({ length: tries }, () => bucket.take(nowMs)).filter(Boolean).length;

test("[S10] a burst is allowed at once, then the rate per second", () => {
  const bucket = new TokenBucket(LIMIT, 0);
  expect(allowed(bucket, 50, 0)).toBe(20);
  expect(allowed(bucket, 50, 99)).toBe(0);
  expect(allowed(bucket, 50, 100)).toBe(1);
  expect(allowed(bucket, 50, 600)).toBe(5);
});

test("what is not used is kept, but no more than a burst", () => {
  const bucket = new TokenBucket(LIMIT, 0);
  expect(allowed(bucket, 20, 0)).toBe(20);
  expect(allowed(bucket, 50, 3_600_000)).toBe(20);
});

test("many small steps give as much as one large one", () => {
  const bucket = new TokenBucket(LIMIT, 0);
  allowed(bucket, 20, 0);
  let count = 0;
  for (let nowMs = 1; nowMs <= 10_000; nowMs++) count += allowed(bucket, 5, nowMs);
  expect(count).toBeWithin(99, 101);
});

test("a clock that goes back gives nothing", () => {
  const bucket = new TokenBucket(LIMIT, 10_000);
  allowed(bucket, 20, 10_000);
  expect(allowed(bucket, 5, 0)).toBe(0);
});
