import { expect, test } from "bun:test";
import { inverseOf, isIdentity, scaleOf, transform } from "./matrix.ts";
import { vector } from "./vector.ts";

// x to +y, y to -x, all of it twice as large, and then moved.
const TURNED = Float64Array.of(0, 2, 0, -2, 0, 0, 0, 0, 2, 10, 20, 30);
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);

test("a place goes out of a matrix and back", () => {
  const out = transform(TURNED, vector(1, 2, 3));
  expect([...out]).toEqual([6, 22, 36]);
  expect([...transform(inverseOf(TURNED)!, out)]).toEqual([1, 2, 3]);
  expect([...scaleOf(TURNED)]).toEqual([2, 2, 2]);
});

test("a matrix without volume has no inverse", () => {
  expect(inverseOf(new Float64Array(12))).toBeNull();
});

test("the identity is known, within what four bytes a number can say", () => {
  expect(isIdentity(IDENTITY)).toBe(true);
  expect(isIdentity(IDENTITY.map((value) => value + 1e-6))).toBe(true);
  expect(isIdentity(TURNED)).toBe(false);
});
