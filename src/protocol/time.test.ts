import { expect, test } from "bun:test";
import fc from "fast-check";
import { captureTimeOf } from "./time.ts";

const WRAP_US = 2 ** 32;
const NOW_US = 1_700_000_000_000_000;
const MINUTE_US = 60e6;

test("[6] [S12a] a capture time is found again from its low 32 bits, up to 70 minutes later", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: NOW_US, max: NOW_US + 10 * WRAP_US }),
      fc.integer({ min: -999_999, max: 70 * MINUTE_US }),
      (arrivalUs, ageUs) => {
        const timeUs = arrivalUs - ageUs;
        expect(captureTimeOf(timeUs % WRAP_US, arrivalUs)).toBe(timeUs);
      },
    ),
  );
});

test("[6] [S12a] a capture time that is up to a minute ahead is the time of arrival", () => {
  for (const aheadUs of [1_000_001, 5e6, 59e6]) {
    expect(captureTimeOf((NOW_US + aheadUs) % WRAP_US, NOW_US)).toBe(NOW_US);
  }
});

test("[S12a] a time on the other side of the wrap is found on that side", () => {
  const wrap = 400_000 * WRAP_US;
  expect(captureTimeOf(WRAP_US - 5, wrap + 10)).toBe(wrap - 5);
  expect(captureTimeOf(5, wrap - 10)).toBe(wrap + 5);
  // A batch's time has a fraction.
  expect(captureTimeOf(5, wrap - 9.75)).toBe(wrap + 5);
});
