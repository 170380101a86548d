import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HELD_SKELETONS_MAX, HeldSkeletons } from "./held-skeletons.ts";
import { SKELETON_ID_TEXT, skeletonIdOf, skeletonIdText } from "./skeleton-id.ts";

describe("[S37] skeletons that are held", () => {
  test("are the last 512 that were touched, the oldest first", () => {
    const held = new HeldSkeletons<string>();
    for (let id = 0n; id < 512n; id++) held.touch(id, `skeleton ${id}`);
    held.touch(0n, "the first again");
    held.touch(512n, "one more");
    expect(held.size).toBe(HELD_SKELETONS_MAX);
    expect(held.ids.slice(0, 2)).toEqual([2n, 3n]);
    expect(held.ids.slice(-3)).toEqual([511n, 0n, 512n]);
    expect(held.get(1n)).toBeUndefined();
    expect(held.get(0n)).toBe("the first again");
  });

  test("are the same as a Map keeps that is touched alike", () => {
    // Few enough that they come again, more than are held.
    const id = fc.oneof(fc.bigInt(0n, 600n), fc.constantFrom(2n ** 64n - 1n, 0n, 2n ** 63n));
    fc.assert(
      fc.property(fc.array(id, { minLength: 1000, maxLength: 3000 }), (ids) => {
        const held = new HeldSkeletons<number>();
        const model = new Map<bigint, number>();
        for (const [value, each] of ids.entries()) {
          expect([held.has(each), held.get(each)]).toEqual([model.has(each), model.get(each)]);
          held.touch(each, value);
          model.delete(each);
          model.set(each, value);
          for (const oldest of model.keys()) {
            if (model.size <= HELD_SKELETONS_MAX) break;
            model.delete(oldest);
          }
        }
        expect(held.ids).toEqual([...model.keys()]);
      }),
      { numRuns: 10 },
    );
  });

  test("[S33] have ids of 16 hex digits in control messages", () => {
    expect(skeletonIdText(0n)).toBe("0000000000000000");
    expect(skeletonIdText(0x0123456789abcdefn)).toBe("0123456789abcdef");
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (id) => {
        expect(skeletonIdText(id)).toMatch(SKELETON_ID_TEXT);
        expect(skeletonIdOf(skeletonIdText(id))).toBe(id);
      }),
    );
  });
});
