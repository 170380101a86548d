// Turns that the usual rounding would leave too far off: the best one around is taken, within the guarantee.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { quaternion, readQuaternion, rotate } from "../rig/quaternion.ts";
import { ROUNDING_STILL_MAX } from "./precision.ts";
import { rotationOf } from "./rotation.ts";
import { createRoundedTurn, searchTurn } from "./turn-search.ts";

const scale = { restRotations: Float64Array.of(0, 0, 0, 1), rotationSteps: Float32Array.of(0.05) };

/** A turn before rounding, of a bone whose end is 10 cm away. */
function turnOf(numbers: readonly number[], shift: readonly number[]) {
  const turn = createRoundedTurn();
  turn.numbers.set(numbers);
  turn.shift.set(shift);
  turn.points[3].set([0, 0.1, 0]);
  // Of numbers that are not whole: as in rotation.ts.
  const [a, b, c] = numbers.map((number) => number * scale.rotationSteps[0]);
  const square = a * a + b * b + c * c;
  const part = Math.sqrt(1 - square / 4);
  readQuaternion([a * part, b * part, c * part, 1 - square / 2], 0, turn.rotation);
  return turn;
}

/** Metres by which the furthest point is off. */
function metresOff(turn: ReturnType<typeof turnOf>, rotations: Int32Array): number {
  const decoded = quaternion();
  rotationOf(scale, rotations, 0, decoded);
  const distances = turn.points.map((point) => {
    const from = rotate(point, turn.rotation);
    const to = rotate(point, decoded);
    return Math.hypot(...[0, 1, 2].map((axis) => turn.shift[axis] + to[axis] - from[axis]));
  });
  return Math.max(...distances);
}

/** Three numbers of at most `max`, in thousandths: most are not close to whole ones. */
const threeWithin = (max: number) =>
  fc
    .array(fc.integer({ min: -1000 * max, max: 1000 * max }), { minLength: 3, maxLength: 3 })
    .map((values) => values.map((value) => value / 1000));
const numbers = threeWithin(8);
const shift = threeWithin(0.01);

test("[E34a] a turn that leaves no point too far off stays", () => {
  fc.assert(
    fc.property(numbers, shift, (values, off) => {
      const turn = turnOf(values, off);
      const out = Int32Array.from(values, (value) => Math.round(value));
      const before = out.slice();
      searchTurn(scale, turn, metresOff(turn, out) + 1e-9, out);
      expect(out).toEqual(before);
    }),
  );
});

test("[E34a] another turn is better, and none around is better still", () => {
  let changed = 0;
  fc.assert(
    fc.property(numbers, shift, (values, off) => {
      const turn = turnOf(values, off);
      const usual = Int32Array.from(values, (value) => Math.round(value));
      const out = usual.slice();
      searchTurn(scale, turn, 0, out);
      if (out.some((value, axis) => value !== usual[axis])) changed++;
      const found = metresOff(turn, out);
      for (let corner = 0; corner < 8; corner++) {
        const other = Int32Array.from(values, (value, axis) => {
          return Math.floor(value) + ((corner >> axis) & 1);
        });
        const isAllowed = other.every(
          (value, axis) => Math.abs(value - values[axis]) <= ROUNDING_STILL_MAX,
        );
        if (isAllowed) expect(found).toBeLessThanOrEqual(metresOff(turn, other) + 1e-12);
      }
    }),
  );
  expect(changed).toBeGreaterThan(10);
});

test("[E34a] [E9] no number is further from a whole one than the guarantee counts with", () => {
  fc.assert(
    fc.property(numbers, shift, (values, off) => {
      const out = Int32Array.from(values, (value) => Math.round(value));
      searchTurn(scale, turnOf(values, off), 0, out);
      for (const [axis, value] of values.entries()) {
        expect(Math.abs(out[axis] - value)).toBeLessThanOrEqual(ROUNDING_STILL_MAX);
      }
    }),
  );
});
