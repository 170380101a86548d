import { expect, test } from "bun:test";
import fc from "fast-check";
import { nearestTimeUs } from "./time.ts";

const WRAP_US = 2 ** 32;
const NOW_US = 1_700_000_000_000_000;

test("[S12] a capture time is found again from its low 32 bits, up to half a turn from now", () => {
  const halfTurn = WRAP_US / 2 - 1;
  fc.assert(
    fc.property(
      fc.integer({ min: NOW_US, max: NOW_US + 10 * WRAP_US }),
      fc.integer({ min: -halfTurn, max: halfTurn }),
      (nearUs, agoUs) => {
        const timeUs = nearUs - agoUs;
        expect(nearestTimeUs(timeUs % WRAP_US, nearUs)).toBe(timeUs);
      },
    ),
  );
});

test("[S12] a time on the other side of the wrap is found on that side", () => {
  const wrap = 400_000 * WRAP_US;
  expect(nearestTimeUs(WRAP_US - 5, wrap + 10)).toBe(wrap - 5);
  expect(nearestTimeUs(5, wrap - 10)).toBe(wrap + 5);
  expect(nearestTimeUs(5, wrap - 9.75)).toBe(wrap + 5);
});
