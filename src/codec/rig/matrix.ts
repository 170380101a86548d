// Affine matrices: 12 numbers, the columns x, y and z, and the position.
import { POSITION_AT } from "./forward-kinematics.ts";
import { cross, dot, vector } from "./vector.ts";
import type { Vector } from "./vector.ts";

/** Returns the inverse, or null if there is none. */
export function inverseOf(matrix: Float64Array): Float64Array | null {
  const [x, y, z, position] = [0, 3, 6, POSITION_AT].map((at) => columnOf(matrix, at));
  const rows = [cross(y, z), cross(z, x), cross(x, y)];
  const determinant = dot(x, rows[0]);
  if (!(Math.abs(determinant) > 0)) return null;
  const out = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++) out[axis * 3 + row] = rows[row][axis] / determinant;
    out[POSITION_AT + row] = -dot(rows[row], position) / determinant;
  }
  return out;
}

/** Applies a matrix to a position. */
export function transform(matrix: Float64Array, place: Vector, out: Vector = vector()): Vector {
  const x = place[0];
  const y = place[1];
  const z = place[2];
  for (let row = 0; row < 3; row++) {
    out[row] =
      matrix[row] * x + matrix[3 + row] * y + matrix[6 + row] * z + matrix[POSITION_AT + row];
  }
  return out;
}

/** Returns the lengths of the columns. */
export const scaleOf = (matrix: Float64Array): Vector =>
  vector(...[0, 3, 6].map((at) => Math.hypot(matrix[at], matrix[at + 1], matrix[at + 2])));

/** Whether a matrix is the identity, within 1e-4. */
export const isIdentity = (matrix: Float64Array): boolean =>
  matrix.every((value, at) => Math.abs(value - (at % 4 === 0 && at < POSITION_AT ? 1 : 0)) < 1e-4);

const columnOf = (matrix: Float64Array, at: number): Vector =>
  vector(matrix[at], matrix[at + 1], matrix[at + 2]);
