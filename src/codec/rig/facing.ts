// Facing: which way a body is turned, and which of its head's axes look forward. Conventions differ (a
// headset looks along -z, Mixamo along +z, Biped along neither), so both are read off the body.
import type { BodyPart } from "./bone-names.ts";
import { MATRIX_FLOATS, matrixAt, POSITION_AT } from "./forward-kinematics.ts";

/** A left and a right bone, as indices. */
export type BonePair = readonly [left: number, right: number];

/** Pairs of bones that tell left from right, the most reliable first. */
export function facingPairs(parts: readonly (BodyPart | undefined)[]): BonePair[] {
  return ["upperLeg", "upperArm", "shoulder", "hand", "eye"]
    .map((part) => [parts.indexOf(`left ${part}`), parts.indexOf(`right ${part}`)] as const)
    .filter(([left, right]) => left >= 0 && right >= 0);
}

/** Directions of a body, unit length, in the room's axes. */
export interface BodyAxes {
  readonly left: Float32Array;
  readonly forward: Float32Array;
}

/** Writes the axes of a body. Returns false if no pair of bones tells left from right. */
export function readBodyAxes(
  matrices: Float32Array,
  pairs: readonly BonePair[],
  out: BodyAxes,
): boolean {
  const { left, forward } = out;
  for (let index = 0; index < pairs.length; index++) {
    const pair = pairs[index];
    const a = matrixAt(pair[0]) + POSITION_AT;
    const b = matrixAt(pair[1]) + POSITION_AT;
    const x = matrices[a] - matrices[b];
    const z = matrices[a + 2] - matrices[b + 2];
    const length = Math.hypot(x, z);
    // Lying on the side, folded up, or not finite: the next pair may tell.
    if (!(length >= 0.02 && length < Infinity)) continue;
    left[0] = x / length;
    left[1] = 0;
    left[2] = z / length;
    // left x up, in right-handed axes.
    forward[0] = -left[2];
    forward[1] = 0;
    forward[2] = left[0];
    return true;
  }
  return false;
}

// Two seconds at 60 frames a second outlast a glance over the shoulder.
const VOTES_MAX = 120;

/** Learns which axes of the head's bone are up and forward, from the first moments of motion. */
export class HeadAxes {
  /** Rows of the head in its bone's axes: left, up, forward. glTF's until observed. */
  readonly left = new Float32Array([1, 0, 0]);
  readonly up = new Float32Array([0, 1, 0]);
  readonly forward = new Float32Array([0, 0, 1]);
  readonly #upVotes = new Float32Array(3);
  readonly #forwardVotes = new Float32Array(3);
  #votes = 0;

  /** `bodyForward` is `readBodyAxes`'s. Do not call it while that is unknown. */
  observe(matrices: Float32Array, headBone: number, bodyForward: Float32Array): void {
    if (this.#votes >= VOTES_MAX) return;
    this.#votes++;
    const at = matrixAt(headBone);
    for (let axis = 0; axis < 3; axis++) {
      const column = at + axis * 3;
      const length = Math.hypot(matrices[column], matrices[column + 1], matrices[column + 2]);
      if (length === 0) continue;
      this.#upVotes[axis] += matrices[column + 1] / length;
      this.#forwardVotes[axis] +=
        (matrices[column] * bodyForward[0] + matrices[column + 2] * bodyForward[2]) / length;
    }
    const upAxis = snap(this.#upVotes, -1, this.up);
    snap(this.#forwardVotes, upAxis, this.forward);
    // left = up x forward
    this.left[0] = this.up[1] * this.forward[2] - this.up[2] * this.forward[1];
    this.left[1] = this.up[2] * this.forward[0] - this.up[0] * this.forward[2];
    this.left[2] = this.up[0] * this.forward[1] - this.up[1] * this.forward[0];
  }
}

/** Writes the axis with the most votes, other than `taken`, and returns its number. */
function snap(votes: Float32Array, taken: number, out: Float32Array): number {
  let best = taken === 0 ? 1 : 0;
  for (let axis = 0; axis < 3; axis++) {
    if (axis !== taken && Math.abs(votes[axis]) > Math.abs(votes[best])) best = axis;
  }
  out.fill(0);
  out[best] = votes[best] < 0 ? -1 : 1;
  return best;
}

/** Writes the direction in the room, unit length, of an axis of a bone; -1 is the root. */
export function directionOf(
  matrices: Float32Array,
  bone: number,
  axis: Float32Array,
  out: Float32Array,
): void {
  const at = (bone + 1) * MATRIX_FLOATS;
  for (let row = 0; row < 3; row++) {
    out[row] =
      matrices[at + row] * axis[0] +
      matrices[at + 3 + row] * axis[1] +
      matrices[at + 6 + row] * axis[2];
  }
  const length = Math.hypot(out[0], out[1], out[2]);
  if (length > 0) for (let row = 0; row < 3; row++) out[row] /= length;
}
