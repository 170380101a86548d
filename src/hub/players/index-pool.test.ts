import { expect, test } from "bun:test";
import fc from "fast-check";
import { IndexPool } from "./index-pool.ts";

test("indices count up from 0, and the lowest that is free comes first", () => {
  const pool = new IndexPool();
  expect(Array.from({ length: 4 }, () => pool.take())).toEqual([0, 1, 2, 3]);
  for (const index of [2, 0, 1]) pool.give(index);
  expect(Array.from({ length: 4 }, () => pool.take())).toEqual([0, 1, 2, 4]);
});

test("no index is taken twice, and none is higher than there are takers", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 50 })), { maxLength: 300 }), (steps) => {
      const pool = new IndexPool();
      const taken: number[] = [];
      let most = 0;
      // null takes one, a number gives back the one at that place.
      for (const step of steps) {
        if (step === null || taken.length === 0) {
          const index = pool.take();
          expect(taken).not.toContain(index);
          taken.push(index);
          most = Math.max(most, taken.length);
          expect(index).toBeLessThan(most);
        } else {
          const [index] = taken.splice(step % taken.length, 1);
          pool.give(index);
        }
      }
    }),
  );
});
