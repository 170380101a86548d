// Rotations as three numbers: how far a transform has turned from its rest, on its own axes at rest. Rules E6 to
// E9. Uses + - * / sqrt only, so that every engine computes the same bits.
//
// Of the turn's quaternion (v, w) with w >= 0 the numbers are p = v sqrt(2 / (1 + w)), whose length is
// 2 sin(angle / 4). Near the rest a step is an angle of twice its size, about any axis. At half a turn it is 1.41
// times that along the turn, and 0.71 times across it: cells stay nearly round, and no component is special.
import { invert, multiply, quaternion } from "../rig/quaternion.ts";
import type { Quaternion } from "../rig/quaternion.ts";
import type { StreamState } from "./stream-state.ts";

/** What the rotations of a skeleton's transforms are counted from, and in what steps. */
export interface TurnScale {
  /** The rest's rotations with length 1, by transform. */
  readonly restRotations: readonly Quaternion[];
  readonly rotationSteps: Float32Array<ArrayBuffer>;
}

/**
 * q and -q are the same rotation. Down to this w, a bit beyond half a turn, the one nearer to the reference is
 * taken: a rotation that trembles about half a turn does not jump from end to end of its range.
 */
const W_MIN = -0.125;
/** The longest p, at W_MIN: its square is 2 (1 - w) = 2.25. */
export const TURN_LENGTH_MAX = 1.5;
/** A reader refuses a p with a larger square. No encoder comes near it, even at the largest step. */
export const TURN_SQUARE_MAX = 3;

const restInverse = quaternion();
const turn = quaternion();

/**
 * Writes the three numbers of a unit quaternion to `out`, in steps and not rounded. `near` is the state that they
 * are to be close to, if there is one.
 */
export function turnOf(
  { restRotations, rotationSteps }: TurnScale,
  rotation: Quaternion,
  transform: number,
  near: StreamState | null,
  out: Float64Array,
): void {
  multiply(invert(restRotations[transform], restInverse), rotation, turn);
  const x = turn[0];
  const y = turn[1];
  const z = turn[2];
  const w = turn[3];
  let isOpposite = w < 0;
  if (near !== null && Math.abs(w) < -W_MIN) {
    const { rotations } = near;
    const at = 3 * transform;
    const along = rotations[at] * x + rotations[at + 1] * y + rotations[at + 2] * z;
    if (along !== 0) isOpposite = along < 0;
  }
  const sign = isOpposite ? -1 : 1;
  const scale = (sign * Math.sqrt(2 / (1 + sign * w))) / rotationSteps[transform];
  out[0] = x * scale;
  out[1] = y * scale;
  out[2] = z * scale;
}

/** Writes the unit quaternion of `state`'s `transform` to `out`. */
export function rotationOf(
  { restRotations, rotationSteps }: TurnScale,
  { rotations }: StreamState,
  transform: number,
  out: Quaternion,
): void {
  const step = rotationSteps[transform];
  const at = 3 * transform;
  const x = rotations[at] * step;
  const y = rotations[at + 1] * step;
  const z = rotations[at + 2] * step;
  const square = x * x + y * y + z * z;
  const length = Math.sqrt(1 - square / 4);
  turn[0] = x * length;
  turn[1] = y * length;
  turn[2] = z * length;
  turn[3] = 1 - square / 2;
  multiply(restRotations[transform], turn, out);
}
