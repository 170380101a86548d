// The root's rest: the place and the heading nearest to the first pose of a few that all streams share. Two players
// with one body, and one player who comes back, then have the same skeleton, which receivers need only once.
import { OFFSET_STEPS_MAX } from "./precision.ts";

/** A root may go three times as far from its rest as the rest is from the first pose. */
const PLACES_APART = OFFSET_STEPS_MAX / 2;

/** Moves the root's transform, the first 10 floats of `rest`, to its rest. `step` is that of its position. */
export function restNearby(rest: Float32Array, step: number): void {
  const apart = PLACES_APART * step;
  for (let axis = 0; axis < 3; axis++) {
    // What is at -0 is shown there. Anything else rests at 0, because -0 would be another skeleton.
    if (Object.is(rest[axis], -0)) continue;
    rest[axis] = apart * Math.round(rest[axis] / apart) + 0;
  }
  // Of a heading (0, y, 0, w) the angle is 2 atan2(y, w). Whole turns are none.
  const quarters = Math.round((2 * Math.atan2(rest[4], rest[6])) / (Math.PI / 2)) & 3;
  rest.set(QUARTER_TURNS[quarters], 3);
}

const HALF = Math.SQRT1_2;
const QUARTER_TURNS = [
  [0, 0, 0, 1],
  [0, HALF, 0, HALF],
  [0, 1, 0, 0],
  [0, HALF, 0, -HALF],
] as const;
