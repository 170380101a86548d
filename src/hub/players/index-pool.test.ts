import { expect, test } from "bun:test";
import fc from "fast-check";
import { INDEX_REST_MS, IndexPool } from "./index-pool.ts";

test("[S32] indices count up from 0, and the lowest that has rested for 60 s comes first", () => {
  const pool = new IndexPool();
  const take = (nowMs: number) => Array.from({ length: 4 }, () => pool.take(nowMs));
  expect(take(0)).toEqual([0, 1, 2, 3]);
  pool.give(2, 1000);
  pool.give(0, 2000);
  pool.give(1, 3000);
  expect(pool.take(60_999)).toBe(4);
  expect(take(62_000)).toEqual([0, 2, 5, 6]);
  expect(take(63_000)).toEqual([1, 7, 8, 9]);
});

test("[S32] no index is taken twice or within 60 s, and none is higher than there were takers", () => {
  const step = fc.record({
    gives: fc.option(fc.nat()),
    waitMs: fc.nat({ max: INDEX_REST_MS / 8 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const pool = new IndexPool();
      const taken: number[] = [];
      const givenMs = new Map<number, number>();
      let nowMs = 0;
      let most = 0;
      for (const { gives, waitMs } of steps) {
        nowMs += waitMs;
        if (gives !== null && taken.length > 0) {
          const [index] = taken.splice(gives % taken.length, 1);
          pool.give(index, nowMs);
          givenMs.set(index, nowMs);
          continue;
        }
        const restingCount = [...givenMs.values()].filter(
          (ms) => nowMs - ms < INDEX_REST_MS,
        ).length;
        const index = pool.take(nowMs);
        expect(taken).not.toContain(index);
        expect(nowMs - (givenMs.get(index) ?? -Infinity)).toBeGreaterThanOrEqual(INDEX_REST_MS);
        givenMs.delete(index);
        taken.push(index);
        most = Math.max(most, taken.length + restingCount);
        expect(index).toBeLessThan(most);
      }
    }),
  );
});

test("where players come and go too fast for that, the index that has rested longest comes again", () => {
  const pool = new IndexPool();
  let highest = 0;
  for (let count = 0; count < 100_000; count++) {
    const index = pool.take(0);
    highest = Math.max(highest, index);
    pool.give(index, 0);
  }
  expect(highest).toBeLessThanOrEqual(16_384);
});
