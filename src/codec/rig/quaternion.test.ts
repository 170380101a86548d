import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  fromAxes,
  invert,
  multiply,
  quaternion,
  readQuaternion,
  rotate,
  swingBetween,
  yaw,
} from "./quaternion.ts";
import type { Quaternion } from "./quaternion.ts";
import { cross, distance, dot, lengthOf, normalize, vector } from "./vector.ts";
import type { Vector } from "./vector.ts";

const number = fc.double({ min: -1, max: 1, noNaN: true });
const direction = fc
  .tuple(number, number, number)
  .map(([x, y, z]) => vector(x, y, z))
  .filter((each) => lengthOf(each) > 0.01)
  .map((each) => normalize(each));
const rotation = fc
  .tuple(number, number, number, number)
  .filter((each) => Math.hypot(...each) > 0.01)
  .map((each) => readQuaternion(each, 0));

const X = vector(1, 0, 0);
const Y = vector(0, 1, 0);
const Z = vector(0, 0, 1);

function expectNear(found: Vector, wanted: Vector): void {
  expect(distance(found, wanted)).toBeLessThan(1e-6);
}

/** Of two that differ in sign only, too. */
function expectSame(found: Quaternion, wanted: Quaternion): void {
  const cosine = found.reduce((sum, value, index) => sum + value * wanted[index], 0);
  expect(Math.abs(cosine)).toBeCloseTo(1, 9);
}

test("a quarter turn about +y takes +z to +x", () => {
  expectNear(rotate(Z, yaw(Math.PI / 2)), X);
});

test("a product turns as its factors do, the right one first", () => {
  fc.assert(
    fc.property(rotation, rotation, direction, (a, b, v) => {
      expectNear(rotate(v, multiply(a, b)), rotate(rotate(v, b), a));
      expectNear(rotate(rotate(v, a), invert(a)), v);
    }),
  );
});

test("a swing takes one direction to another, opposite ones too", () => {
  fc.assert(
    fc.property(direction, direction, (from, to) => {
      expectNear(rotate(from, swingBetween(from, to)), to);
      const back = from.map((value) => -value);
      expectNear(rotate(from, swingBetween(from, back)), back);
    }),
  );
});

test("a swing leaves what is across both directions where it is", () => {
  const turn = swingBetween(X, Y);
  expectNear(rotate(Z, turn), Z);
});

test("the axes of a rotation give the rotation back", () => {
  fc.assert(
    fc.property(rotation, (turn) => {
      expectSame(fromAxes(rotate(X, turn), rotate(Y, turn), rotate(Z, turn)), turn);
    }),
  );
});

test("a quaternion of another length is read as a rotation; four zeros as none", () => {
  expect([...readQuaternion([9, 0, 3, 0, 4], 1)]).toEqual([0, 0.6, 0, 0.8]);
  expect([...readQuaternion([0, 0, 0, 0], 0)]).toEqual([...quaternion()]);
});

test("out may be an operand", () => {
  const [a, b, v] = [yaw(1), swingBetween(X, Y), vector(1, 2, 3)];
  const [product, turned, across] = [multiply(a, b), rotate(v, a), cross(v, X)];
  expect(multiply(a, b, b)).toEqual(product);
  expect(rotate(v, a, v.slice())).toEqual(turned);
  expect(cross(v, X, v)).toEqual(across);
  expect(dot(across, X)).toBe(0);
});
