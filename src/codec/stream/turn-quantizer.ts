// From rotations to whole steps, the root's first. What rounding leaves of a rotation is carried into those below.
// Rules E32 to E34a. Uses + - * / sqrt only.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { AIM_STEPS_MAX, errorMetresOf, ROUNDING_MAX, ROUNDING_STILL_MAX } from "./precision.ts";
import { PREDICTION, predict } from "./prediction.ts";
import { reachOf, SKIN_METRES, transformAbove } from "./reach.ts";
import type { Resolved } from "./references.ts";
import { W_MIN } from "./rotation.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import type { StreamState } from "./stream-state.ts";
import { createRoundedTurn, searchTurn } from "./turn-search.ts";
import { unusableNumber } from "./unusable-number.ts";

/** Of what a bone's end is off, this much is aimed away. All of it would make rotations restless, and cost more. */
const AIM_SHARE = 0.5;

/** A point that would be further off than this part of errorMetres is worth a search: of 160 turns one is. */
const FAR_SHARE = 0.18;

// What a residual's size is raised by before its fraction is cut off: where nothing moved, and where something did.
const TO_PREDICTION = Float64Array.of(1 - ROUNDING_STILL_MAX, 1 - ROUNDING_MAX);
const TO_NEAREST = Float64Array.of(0.5, 0.5);

/**
 * Quantises the rotations of one skeleton's poses. A bone is turned to point where the source's does, whatever those
 * above were rounded to, and aimed at where its end should be: errors do not add up from the hips to a finger.
 */
export class TurnQuantizer {
  readonly #skeleton: StreamSkeleton;
  // Transforms, each after the one above it.
  readonly #order: Int32Array;
  // By transform: the one above, -1 for none; whether any hangs on it; metres of a unit of its position.
  readonly #above: Int32Array;
  readonly #isTip: Uint8Array;
  readonly #unitMetres: Float64Array;
  // Three a transform: the offset of the furthest-reaching transform right below in metres, 0 0 0 for none.
  readonly #ends: Float64Array;
  // What is carried, by transform. Four numbers: what it still has to turn to point where the source's does. Three:
  // how many metres it is away from where the source's is, in its own decoded axes.
  readonly #turns: Float64Array;
  readonly #shifts: Float64Array;
  // By transform: metres to its skin or its end, whichever is further.
  readonly #levers: Float64Array;
  readonly #farMetres: number = Number.POSITIVE_INFINITY;
  readonly #search = createRoundedTurn();

  constructor(skeleton: StreamSkeleton) {
    const { rest, transformCount } = skeleton;
    const reach = reachOf(skeleton.skeleton, rest);
    const { tree, metres, offsetMetres, unitMetres } = reach;
    this.#skeleton = skeleton;
    this.#unitMetres = unitMetres;
    this.#turns = new Float64Array(4 * transformCount);
    this.#shifts = new Float64Array(3 * transformCount);
    this.#ends = new Float64Array(3 * transformCount);
    this.#levers = new Float64Array(transformCount).fill(SKIN_METRES);
    this.#order = Int32Array.from({ length: transformCount }, (_, transform) => transform);
    this.#above = new Int32Array(transformCount).fill(-1);
    this.#isTip = new Uint8Array(transformCount).fill(1);
    // If nothing is known of parents, nothing is carried.
    if (tree === null) return;
    tree.order.forEach((bone, index) => (this.#order[index + 1] = bone + 1));
    this.#farMetres = FAR_SHARE * errorMetresOf(reach, skeleton.rotationSteps);
    const reaches = new Float64Array(transformCount);
    for (let transform = 1; transform < transformCount; transform++) {
      const above = transformAbove(tree, transform);
      this.#above[transform] = above;
      this.#isTip[above] = 0;
      const furthest = offsetMetres[transform] + metres[transform];
      // The root is not aimed. No shorter than a millimetre: a bone without length can turn its end nowhere.
      if (above === 0 || furthest <= reaches[above] || offsetMetres[transform] < 0.001) continue;
      reaches[above] = furthest;
      this.#levers[above] = Math.max(SKIN_METRES, offsetMetres[transform]);
      for (let axis = 0; axis < 3; axis++) {
        const offset = rest[TRANSFORM_FLOATS * transform + axis];
        this.#ends[3 * above + axis] = offset * unitMetres[transform];
      }
    }
  }

  /**
   * Writes the turns of `pose` to `out`, which holds its positions. They are to be coded by the states of `by`, if
   * there are any. All in one function and in locals: with a function and an object for each product it takes
   * twice as long.
   * @throws {EncodeError} for a number that is not finite.
   */
  quantize(pose: Pose, by: Resolved | null, out: StreamState): void {
    const skeleton = this.#skeleton;
    const { rest, restRotations, restState, rotationSteps, positionSteps } = skeleton;
    const levers = this.#levers;
    const farMetres = this.#farMetres;
    const search = this.#search;
    const { rotations, positions } = out;
    const order = this.#order;
    const aboves = this.#above;
    const tips = this.#isTip;
    const unitMetres = this.#unitMetres;
    const ends = this.#ends;
    const turns = this.#turns;
    const shifts = this.#shifts;
    const reference = (by?.reference ?? restState).rotations;
    const before = (by?.before ?? restState).rotations;
    const share = by === null ? 0 : PREDICTION.rotation[by.mode];
    const raisedBy = by === null ? TO_NEAREST : TO_PREDICTION;
    for (let index = 0; index < order.length; index++) {
      const transform = order[index];
      const values = transform === 0 ? pose.root : pose.bones;
      const at = transform === 0 ? 0 : TRANSFORM_FLOATS * (transform - 1);
      const restAt = TRANSFORM_FLOATS * transform;
      const first = 3 * transform;
      const sourceX = values[at + 3];
      const sourceY = values[at + 4];
      const sourceZ = values[at + 5];
      const sourceW = values[at + 6];
      const sum = sourceX + sourceY + sourceZ + sourceW;
      // A sum with NaN or an infinity is not finite. Finite f32 numbers cannot overflow it.
      if (sum - sum !== 0) throw unusableNumber(transform, "Rotation", sum);
      const isTip = tips[transform] === 1;
      const isResting =
        sourceX === rest[restAt + 3] &&
        sourceY === rest[restAt + 4] &&
        sourceZ === rest[restAt + 5] &&
        sourceW === rest[restAt + 6];
      if (isResting) {
        // What does not move costs nothing. The transforms below get what is carried.
        rotations[first] = 0;
        rotations[first + 1] = 0;
        rotations[first + 2] = 0;
        if (isTip) continue;
      }

      // The source's rotation, with length 1; and how far the decoded position is off.
      const length = Math.sqrt(
        sourceX * sourceX + sourceY * sourceY + sourceZ * sourceZ + sourceW * sourceW,
      );
      let x = length === 0 ? 0 : sourceX / length;
      let y = length === 0 ? 0 : sourceY / length;
      let z = length === 0 ? 0 : sourceZ / length;
      let w = length === 0 ? 1 : sourceW / length;
      let shiftX: number = values[at];
      let shiftY: number = values[at + 1];
      let shiftZ: number = values[at + 2];
      const above = aboves[transform];
      if (above >= 0) {
        // Both turned by what the transform above still has to turn.
        const ax = turns[4 * above];
        const ay = turns[4 * above + 1];
        const az = turns[4 * above + 2];
        const aw = turns[4 * above + 3];
        const nextX = aw * x + ax * w + ay * z - az * y;
        const nextY = aw * y - ax * z + ay * w + az * x;
        const nextZ = aw * z + ax * y - ay * x + az * w;
        w = aw * w - ax * x - ay * y - az * z;
        x = nextX;
        y = nextY;
        z = nextZ;
        const cx = ay * shiftZ - az * shiftY + aw * shiftX;
        const cy = az * shiftX - ax * shiftZ + aw * shiftY;
        const cz = ax * shiftY - ay * shiftX + aw * shiftZ;
        shiftX += 2 * (ay * cz - az * cy);
        shiftY += 2 * (az * cx - ax * cz);
        shiftZ += 2 * (ax * cy - ay * cx);
      }
      const unit = unitMetres[transform];
      const positionStep = positionSteps[transform];
      shiftX = (rest[restAt] + positions[first] * positionStep - shiftX) * unit;
      shiftY = (rest[restAt + 1] + positions[first + 1] * positionStep - shiftY) * unit;
      shiftZ = (rest[restAt + 2] + positions[first + 2] * positionStep - shiftZ) * unit;
      if (above >= 0) {
        shiftX += shifts[3 * above];
        shiftY += shifts[3 * above + 1];
        shiftZ += shifts[3 * above + 2];
      }

      const step = rotationSteps[transform];
      const restX = restRotations[4 * transform];
      const restY = restRotations[4 * transform + 1];
      const restZ = restRotations[4 * transform + 2];
      const restW = restRotations[4 * transform + 3];
      if (!isResting) {
        let aimedX = x;
        let aimedY = y;
        let aimedZ = z;
        let aimedW = w;
        let aim = 0;
        if (!isTip) {
          // Aimed: where the end of the bone is, turned about the axis across bone and shift.
          const cx = y * ends[first + 2] - z * ends[first + 1] + w * ends[first];
          const cy = z * ends[first] - x * ends[first + 2] + w * ends[first + 1];
          const cz = x * ends[first + 1] - y * ends[first] + w * ends[first + 2];
          const endX = ends[first] + 2 * (y * cz - z * cy);
          const endY = ends[first + 1] + 2 * (z * cx - x * cz);
          const endZ = ends[first + 2] + 2 * (x * cy - y * cx);
          const turnX = endY * shiftZ - endZ * shiftY;
          const turnY = endZ * shiftX - endX * shiftZ;
          const turnZ = endX * shiftY - endY * shiftX;
          const turnSquare = turnX * turnX + turnY * turnY + turnZ * turnZ;
          if (turnSquare > 0) {
            const endSquare = endX * endX + endY * endY + endZ * endZ;
            const angle = (AIM_SHARE * Math.sqrt(turnSquare)) / endSquare;
            const most = AIM_STEPS_MAX * step;
            aim = angle > most ? most : angle;
            const factor = ((angle > most ? most / angle : 1) * -AIM_SHARE) / endSquare / 2;
            const ax = turnX * factor;
            const ay = turnY * factor;
            const az = turnZ * factor;
            const aw = Math.sqrt(1 - ax * ax - ay * ay - az * az);
            aimedX = aw * x + ax * w + ay * z - az * y;
            aimedY = aw * y - ax * z + ay * w + az * x;
            aimedZ = aw * z + ax * y - ay * x + az * w;
            aimedW = aw * w - ax * x - ay * y - az * z;
          }
        }
        // As a turn from the rest, on the reference's side.
        const turnX = restW * aimedX - restX * aimedW - restY * aimedZ + restZ * aimedY;
        const turnY = restW * aimedY + restX * aimedZ - restY * aimedW - restZ * aimedX;
        const turnZ = restW * aimedZ - restX * aimedY + restY * aimedX - restZ * aimedW;
        const turnW = restW * aimedW + restX * aimedX + restY * aimedY + restZ * aimedZ;
        let isOpposite = turnW < 0;
        if (Math.abs(turnW) < -W_MIN) {
          const along =
            reference[first] * turnX + reference[first + 1] * turnY + reference[first + 2] * turnZ;
          if (along !== 0) isOpposite = along < 0;
        }
        const sign = isOpposite ? -1 : 1;
        const scale = (sign * Math.sqrt(2 / (1 + sign * turnW))) / step;
        const numberA = turnX * scale;
        const numberB = turnY * scale;
        const numberC = turnZ * scale;
        const a = reference[first];
        const b = reference[first + 1];
        const c = reference[first + 2];
        const motionA = a - before[first];
        const motionB = b - before[first + 1];
        const motionC = c - before[first + 2];
        rotations[first] = rounded(numberA, a, motionA, share, raisedBy);
        rotations[first + 1] = rounded(numberB, b, motionB, share, raisedBy);
        rotations[first + 2] = rounded(numberC, c, motionC, share, raisedBy);
        // Near enough an upper limit of how far off a point may be now.
        const offA = numberA - rotations[first];
        const offB = numberB - rotations[first + 1];
        const offC = numberC - rotations[first + 2];
        const turned = aim + 2 * step * Math.sqrt(offA * offA + offB * offB + offC * offC);
        const shifted = Math.sqrt(shiftX * shiftX + shiftY * shiftY + shiftZ * shiftZ);
        if (shifted + turned * levers[transform] > farMetres) {
          const { numbers, rotation, shift, points } = search;
          search.transform = transform;
          numbers[0] = numberA;
          numbers[1] = numberB;
          numbers[2] = numberC;
          rotation[0] = x;
          rotation[1] = y;
          rotation[2] = z;
          rotation[3] = w;
          shift[0] = shiftX;
          shift[1] = shiftY;
          shift[2] = shiftZ;
          points[3][0] = ends[first];
          points[3][1] = ends[first + 1];
          points[3][2] = ends[first + 2];
          searchTurn(skeleton, search, farMetres, rotations);
        }
      }
      if (isTip) continue;

      // What is left for those below: from what a receiver sees, as in rotation.ts.
      const a = rotations[first] * step;
      const b = rotations[first + 1] * step;
      const c = rotations[first + 2] * step;
      const square = a * a + b * b + c * c;
      const part = Math.sqrt(1 - square / 4);
      const tx = a * part;
      const ty = b * part;
      const tz = c * part;
      const tw = 1 - square / 2;
      const seenX = -(restW * tx + restX * tw + restY * tz - restZ * ty);
      const seenY = -(restW * ty - restX * tz + restY * tw + restZ * tx);
      const seenZ = -(restW * tz + restX * ty - restY * tx + restZ * tw);
      const seenW = restW * tw - restX * tx - restY * ty - restZ * tz;
      turns[4 * transform] = seenW * x + seenX * w + seenY * z - seenZ * y;
      turns[4 * transform + 1] = seenW * y - seenX * z + seenY * w + seenZ * x;
      turns[4 * transform + 2] = seenW * z + seenX * y - seenY * x + seenZ * w;
      turns[4 * transform + 3] = seenW * w - seenX * x - seenY * y - seenZ * z;
      const cx = seenY * shiftZ - seenZ * shiftY + seenW * shiftX;
      const cy = seenZ * shiftX - seenX * shiftZ + seenW * shiftY;
      const cz = seenX * shiftY - seenY * shiftX + seenW * shiftZ;
      shifts[first] = shiftX + 2 * (seenY * cz - seenZ * cy);
      shifts[first + 1] = shiftY + 2 * (seenZ * cx - seenX * cz);
      shifts[first + 2] = shiftZ + 2 * (seenX * cy - seenY * cx);
    }
  }
}

/** A number rounded to its prediction, or to the nearest integer on that side that is near enough. */
function rounded(
  value: number,
  reference: number,
  motion: number,
  share: number,
  raisedBy: Float64Array,
): number {
  const predicted = predict(reference, motion, share);
  const residual = value - predicted;
  // Without branches: nobody can guess a sign, or whether a number moved.
  const size = (Math.abs(residual) + raisedBy[(motion | -motion) >>> 31]) | 0;
  // -1 for a negative one. Below a quarter of a step the sign does not matter.
  const sign = ((4 * residual) | 0) >> 31;
  return predicted + ((size ^ sign) - sign);
}
