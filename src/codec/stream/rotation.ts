// Rotations as three numbers: how far a transform has turned from its rest, on its own axes at rest. Rules E6 to
// E9. Uses + - * / sqrt only, so that every engine computes the same bits.
//
// Of the turn's quaternion (v, w) with w >= 0 the numbers are p = v sqrt(2 / (1 + w)), whose length is
// 2 sin(angle / 4). Near the rest a step is an angle of twice its size, about any axis. At half a turn it is 1.41
// times that along the turn, and 0.71 times across it: cells stay nearly round, and no component is special.
import type { Quaternion } from "../rig/quaternion.ts";

/** What the rotations of a skeleton's transforms are counted from, and in what steps. */
export interface TurnScale {
  /** The rest's rotations with length 1, four numbers a transform. */
  readonly restRotations: Float64Array<ArrayBuffer>;
  readonly rotationSteps: Float32Array<ArrayBuffer>;
}

/**
 * q and -q are the same rotation. Down to this w, a bit beyond half a turn, the one nearer to the reference is
 * taken: a rotation that trembles about half a turn does not jump from end to end of its range.
 */
export const W_MIN = -0.125;
/** The longest p, at W_MIN: its square is 2 (1 - w) = 2.25. */
export const TURN_LENGTH_MAX = 1.5;
/** A reader refuses a p with a larger square. No encoder comes near it, even at the largest step. */
export const TURN_SQUARE_MAX = 3;

/** Writes the unit quaternion of a transform's three numbers, which are in steps, to `out`. */
export function rotationOf(
  { restRotations, rotationSteps }: TurnScale,
  rotations: Int32Array,
  transform: number,
  out: Quaternion,
): void {
  const step = rotationSteps[transform];
  const at = 3 * transform;
  const a = rotations[at] * step;
  const b = rotations[at + 1] * step;
  const c = rotations[at + 2] * step;
  const square = a * a + b * b + c * c;
  const length = Math.sqrt(1 - square / 4);
  const x = a * length;
  const y = b * length;
  const z = c * length;
  const w = 1 - square / 2;
  const restAt = 4 * transform;
  const restX = restRotations[restAt];
  const restY = restRotations[restAt + 1];
  const restZ = restRotations[restAt + 2];
  const restW = restRotations[restAt + 3];
  out[0] = restW * x + restX * w + restY * z - restZ * y;
  out[1] = restW * y - restX * z + restY * w + restZ * x;
  out[2] = restW * z + restX * y - restY * x + restZ * w;
  out[3] = restW * w - restX * x - restY * y - restZ * z;
}
