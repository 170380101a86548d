// Carried error: how far off the decoded body is at each transform while a pose is quantised, root first, and what
// the next rotation can do about it. Rule E32. Uses + - * / sqrt only, and allocates nothing per pose.
import { TRANSFORM_FLOATS } from "../frame.ts";
import { invert, multiply, quaternion, rotate } from "../rig/quaternion.ts";
import type { Quaternion } from "../rig/quaternion.ts";
import { vector } from "../rig/vector.ts";
import type { Vector } from "../rig/vector.ts";
import { AIM_STEPS_MAX } from "./precision.ts";
import { reachOf, transformAbove } from "./reach.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

/** Of what a bone's end is off, this much is aimed away. All of it would make rotations restless, and cost more. */
const AIM_SHARE = 0.5;

export class CarriedError {
  /** Transforms, each after the one above it. */
  readonly order: Int32Array;
  readonly #rotationSteps: Float32Array;
  // By transform: the one above, -1 for none; metres of a unit of its position; the offset of the furthest-reaching
  // transform right below in metres, null for none.
  readonly #above: Int32Array;
  readonly #unitMetres: Float64Array;
  readonly #ends: readonly (Vector | null)[];
  readonly #isTip: Uint8Array;
  // By transform: what it still has to turn to point where the source's does; and how many metres it is away from
  // where the source's is, in its own decoded axes.
  readonly #turns: readonly Quaternion[];
  readonly #shifts: readonly Vector[];
  readonly #inverse = quaternion();
  readonly #correction = quaternion();
  readonly #offset = vector();
  readonly #end = vector();

  constructor({ skeleton, rest, rotationSteps, transformCount }: StreamSkeleton) {
    const { tree, metres, offsetMetres, unitMetres } = reachOf(skeleton, rest);
    const transforms = Array.from({ length: transformCount }, (_, transform) => transform);
    this.#rotationSteps = rotationSteps;
    this.#unitMetres = unitMetres;
    this.#turns = transforms.map(() => quaternion());
    this.#shifts = transforms.map(() => vector());
    this.order = Int32Array.from(transforms);
    this.#above = new Int32Array(transformCount).fill(-1);
    const ends = transforms.map((): Vector | null => null);
    this.#ends = ends;
    this.#isTip = new Uint8Array(transformCount).fill(1);
    // If nothing is known of parents, nothing is carried.
    if (tree === null) return;
    tree.order.forEach((bone, index) => (this.order[index + 1] = bone + 1));
    const reaches = new Float64Array(transformCount);
    for (const transform of transforms.slice(1)) {
      const above = transformAbove(tree, transform);
      this.#above[transform] = above;
      this.#isTip[above] = 0;
      const reach = offsetMetres[transform] + metres[transform];
      // No shorter than a millimetre: a bone without length can turn its end nowhere.
      if (reach <= reaches[above] || offsetMetres[transform] < 0.001) continue;
      reaches[above] = reach;
      const at = TRANSFORM_FLOATS * transform;
      const unit = unitMetres[transform];
      ends[above] = vector(rest[at] * unit, rest[at + 1] * unit, rest[at + 2] * unit);
    }
  }

  /** Whether nothing hangs on a transform, so that nothing is carried from it. */
  isTip(transform: number): boolean {
    return this.#isTip[transform] === 1;
  }

  /** Takes a transform's position, of the source and decoded: x y z, in its own units. */
  shift(transform: number, source: Vector, decoded: Vector): void {
    const above = this.#above[transform];
    const shift = this.#shifts[transform];
    const unit = this.#unitMetres[transform];
    if (above < 0) {
      for (let axis = 0; axis < 3; axis++) shift[axis] = (decoded[axis] - source[axis]) * unit;
      return;
    }
    const from = this.#shifts[above];
    const offset = rotate(source, this.#turns[above], this.#offset);
    for (let axis = 0; axis < 3; axis++) {
      shift[axis] = from[axis] + (decoded[axis] - offset[axis]) * unit;
    }
  }

  /** Writes the rotation that makes a transform point where the source's does to `out`, which holds the source's. */
  carry(transform: number, out: Quaternion): void {
    const above = this.#above[transform];
    if (above >= 0) multiply(this.#turns[above], out, out);
  }

  /** Writes that rotation, turned a bit more towards where the bone's end should be. */
  aim(transform: number, rotation: Quaternion, out: Quaternion): void {
    out.set(rotation);
    const rest = this.#ends[transform];
    if (rest === null || this.#above[transform] < 0) return;
    const end = rotate(rest, rotation, this.#end);
    const x = end[0];
    const y = end[1];
    const z = end[2];
    const shift = this.#shifts[transform];
    // About the axis across bone and shift.
    const turnX = y * shift[2] - z * shift[1];
    const turnY = z * shift[0] - x * shift[2];
    const turnZ = x * shift[1] - y * shift[0];
    const square = x * x + y * y + z * z;
    const angle = (AIM_SHARE * Math.sqrt(turnX * turnX + turnY * turnY + turnZ * turnZ)) / square;
    if (angle === 0) return;
    const most = AIM_STEPS_MAX * this.#rotationSteps[transform];
    const factor = ((angle > most ? most / angle : 1) * -AIM_SHARE) / square / 2;
    const correction = this.#correction;
    correction[0] = turnX * factor;
    correction[1] = turnY * factor;
    correction[2] = turnZ * factor;
    correction[3] = Math.sqrt(1 - correction[0] ** 2 - correction[1] ** 2 - correction[2] ** 2);
    multiply(correction, rotation, out);
  }

  /** Takes what a transform was rounded to, and what `carry` said. */
  settle(transform: number, rotation: Quaternion, decoded: Quaternion): void {
    const inverse = invert(decoded, this.#inverse);
    multiply(inverse, rotation, this.#turns[transform]);
    rotate(this.#shifts[transform], inverse, this.#shifts[transform]);
  }
}
