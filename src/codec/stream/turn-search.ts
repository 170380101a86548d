// What to round a turn to where the usual rounding would leave a body too far off: few turns, so the time that the
// search takes does not matter. Rule E34a. Uses + - * / sqrt only.
import { quaternion, rotate } from "../rig/quaternion.ts";
import type { Quaternion } from "../rig/quaternion.ts";
import { vector } from "../rig/vector.ts";
import type { Vector } from "../rig/vector.ts";
import { ROUNDING_STILL_MAX } from "./precision.ts";
import { SKIN_METRES } from "./reach.ts";
import { rotationOf } from "./rotation.ts";
import type { TurnScale } from "./rotation.ts";

/** A transform whose turn is rounded. */
export interface RoundedTurn {
  readonly transform: number;
  /** Its three numbers before rounding. */
  readonly numbers: Vector;
  /** How it should point, and how far off it is already. */
  readonly rotation: Quaternion;
  readonly shift: Vector;
  /** Three points on its skin and the end of its bone, on its own axes. */
  readonly points: readonly Vector[];
}

/** Memory for a search, which quantising uses again and again. */
export function createRoundedTurn() {
  const skin = [0, 1, 2].map((axis) => {
    const point = vector();
    point[axis] = SKIN_METRES;
    return point;
  });
  const [numbers, shift, rotation] = [vector(), vector(), quaternion()];
  return { transform: 0, numbers, rotation, shift, points: [...skin, vector()] };
}

const decoded = quaternion();
const source = vector();
const seen = vector();
const best = vector();

/** Replaces a rounded turn in `out`, if it leaves a point more than `metresMax` off, by the best one around. */
export function searchTurn(
  scale: TurnScale,
  turn: RoundedTurn,
  metresMax: number,
  out: Int32Array,
): void {
  const first = 3 * turn.transform;
  const { numbers } = turn;
  let bestSquare = furthestSquare(scale, turn, out);
  if (bestSquare <= metresMax * metresMax) return;
  for (let axis = 0; axis < 3; axis++) best[axis] = out[first + axis];
  for (let corner = 0; corner < 8; corner++) {
    for (let axis = 0; axis < 3; axis++) {
      const whole = Math.floor(numbers[axis] + ((corner >> axis) & 1));
      // A corner that is beyond what the guarantee counts with is not taken: another one has this number too.
      const isNear = Math.abs(whole - numbers[axis]) <= ROUNDING_STILL_MAX;
      out[first + axis] = isNear ? whole : Math.floor(numbers[axis] + 0.5);
    }
    const square = furthestSquare(scale, turn, out);
    if (square >= bestSquare) continue;
    bestSquare = square;
    for (let axis = 0; axis < 3; axis++) best[axis] = out[first + axis];
  }
  for (let axis = 0; axis < 3; axis++) out[first + axis] = best[axis];
}

/** The square of the metres by which the furthest of a turn's points is off. */
function furthestSquare(scale: TurnScale, turn: RoundedTurn, rotations: Int32Array): number {
  const { points, shift, rotation, transform } = turn;
  rotationOf(scale, rotations, transform, decoded);
  let furthest = 0;
  for (const point of points) {
    rotate(point, rotation, source);
    rotate(point, decoded, seen);
    let square = 0;
    for (let axis = 0; axis < 3; axis++) {
      const off = shift[axis] + seen[axis] - source[axis];
      square += off * off;
    }
    furthest = Math.max(furthest, square);
  }
  return furthest;
}
