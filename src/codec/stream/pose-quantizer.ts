// From poses to whole steps. A reader accepts any steps: what is chosen here is the encoder's choice, rules E31 to
// E33. Uses + - * / sqrt only.
import { EncodeError } from "../errors.ts";
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { quaternion, readQuaternion } from "../rig/quaternion.ts";
import { vector } from "../rig/vector.ts";
import { CarriedError } from "./carried-error.ts";
import { ROUNDING_MAX, ROUNDING_STILL_MAX } from "./precision.ts";
import { PREDICTION, predict } from "./prediction.ts";
import type { Resolved } from "./references.ts";
import { rotationOf, turnOf } from "./rotation.ts";
import { OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX, WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Quantises the poses of one skeleton. What rounding leaves of a rotation is carried into the rotations below, which
 * then point where the source's do, and aim at where their ends should be: errors do not add up from the hips to a
 * finger. Because of that, a number may be rounded to its prediction from a little further away, which costs less.
 */
export class PoseQuantizer {
  readonly #skeleton: StreamSkeleton;
  readonly #carried: CarriedError;
  readonly #rotation = quaternion();
  readonly #aimed = quaternion();
  readonly #decoded = quaternion();
  readonly #turn = vector();
  readonly #position = vector();
  readonly #decodedPosition = vector();

  constructor(skeleton: StreamSkeleton) {
    this.#skeleton = skeleton;
    this.#carried = new CarriedError(skeleton);
  }

  /**
   * Quantises `pose` into `out`, to be coded by the states of `by`, if there are any.
   * @throws {EncodeError} `not_finite` or `out_of_range`, with the number's path; `out` is then unusable.
   */
  quantize(pose: Pose, by: Resolved | null, out: StreamState): StreamState {
    const { order } = this.#carried;
    for (let index = 0; index < order.length; index++) {
      const transform = order[index];
      const values = transform === 0 ? pose.root : pose.bones;
      const at = transform === 0 ? 0 : TRANSFORM_FLOATS * (transform - 1);
      this.#quantizeOffsets(values, at, transform, out);
      this.#quantizeRotation(values, at + 3, transform, by, out);
    }
    const { blendShapes } = pose;
    const { weightScale } = this.#skeleton;
    for (let shape = 0; shape < out.weights.length; shape++) {
      const steps = Math.floor((blendShapes[shape] * WEIGHT_STEPS_WHOLE) / weightScale + 0.5);
      if (!(steps <= WEIGHT_STEPS_MAX && steps >= -WEIGHT_STEPS_MAX)) {
        throw unusable(`$.blendShapes[${shape}].weight`, blendShapes[shape]);
      }
      out.weights[shape] = steps;
    }
    return out;
  }

  #quantizeRotation(
    values: Float32Array,
    at: number,
    transform: number,
    by: Resolved | null,
    out: StreamState,
  ): void {
    const sum = values[at] + values[at + 1] + values[at + 2] + values[at + 3];
    // A sum with NaN or an infinity is not finite. Finite f32 numbers cannot overflow it.
    if (sum - sum !== 0) throw unusable(pathOf(transform, "Rotation"), sum);
    const skeleton = this.#skeleton;
    const carried = this.#carried;
    const first = 3 * transform;
    const isResting = isAtRest(skeleton.rest, values, at, TRANSFORM_FLOATS * transform + 3);
    if (isResting) {
      // What does not move costs nothing. The transforms below get what is carried.
      out.rotations[first] = 0;
      out.rotations[first + 1] = 0;
      out.rotations[first + 2] = 0;
    }
    const isTip = carried.isTip(transform);
    if (isTip && isResting) return;
    const rotation = readQuaternion(values, at, this.#rotation);
    carried.carry(transform, rotation);
    if (!isTip) carried.shift(transform, this.#position, this.#decodedPosition);
    if (!isResting) {
      const turn = this.#turn;
      carried.aim(transform, rotation, this.#aimed);
      turnOf(skeleton, this.#aimed, transform, by?.reference ?? null, turn);
      for (let axis = 0; axis < 3; axis++) {
        out.rotations[first + axis] = roundRotation(turn[axis], by, first + axis);
      }
    }
    if (isTip) return;
    rotationOf(skeleton, out, transform, this.#decoded);
    carried.settle(transform, rotation, this.#decoded);
  }

  #quantizeOffsets(values: Float32Array, at: number, transform: number, out: StreamState): void {
    const { rest, positionSteps, scaleSteps } = this.#skeleton;
    const positionStep = positionSteps[transform];
    const scaleStep = scaleSteps[transform];
    const restAt = TRANSFORM_FLOATS * transform;
    for (let axis = 0; axis < 3; axis++) {
      const position = values[at + axis];
      const stepsOfPosition = stepsFrom(rest[restAt + axis], position, positionStep);
      // Negated here and below, so that NaN is refused too.
      if (!(stepsOfPosition <= OFFSET_STEPS_MAX && stepsOfPosition >= -OFFSET_STEPS_MAX)) {
        throw unusable(pathOf(transform, "Position"), position);
      }
      out.positions[3 * transform + axis] = stepsOfPosition;
      this.#position[axis] = position;
      this.#decodedPosition[axis] = rest[restAt + axis] + stepsOfPosition * positionStep;
      const scale = values[at + 7 + axis];
      const stepsOfScale = stepsFrom(rest[restAt + 7 + axis], scale, scaleStep);
      if (!(stepsOfScale <= OFFSET_STEPS_MAX && stepsOfScale >= -OFFSET_STEPS_MAX)) {
        throw unusable(pathOf(transform, "Scale"), scale);
      }
      out.scales[3 * transform + axis] = stepsOfScale;
    }
  }
}

/** Rounds a rotation's number to its prediction, or to the nearest integer on that side that is near enough. */
function roundRotation(value: number, by: Resolved | null, at: number): number {
  if (by === null) return Math.floor(value + 0.5);
  const reference = by.reference.rotations[at];
  const motion = reference - by.before.rotations[at];
  const predicted = predict(reference, motion, PREDICTION.rotation[by.mode]);
  const residual = value - predicted;
  const furthest = motion === 0 ? ROUNDING_STILL_MAX : ROUNDING_MAX;
  const steps = Math.floor(Math.abs(residual) + 1 - furthest);
  return predicted + (residual < 0 ? -steps : steps);
}

function stepsFrom(rest: number, value: number, step: number): number {
  // Most never leave their rest, and need no division.
  return value === rest ? 0 : Math.floor((value - rest) / step + 0.5);
}

function isAtRest(rest: Float32Array, values: Float32Array, at: number, restAt: number): boolean {
  return (
    values[at] === rest[restAt] &&
    values[at + 1] === rest[restAt + 1] &&
    values[at + 2] === rest[restAt + 2] &&
    values[at + 3] === rest[restAt + 3]
  );
}

function pathOf(transform: number, field: "Position" | "Rotation" | "Scale"): string {
  if (transform > 0) return `$.bones[${transform - 1}].local${field}`;
  return `$.rootTransform.${field === "Scale" ? "local" : "world"}${field}`;
}

function unusable(path: string, value: number): EncodeError {
  if (!Number.isFinite(value)) return new EncodeError("not_finite", path, `found ${value}`);
  return new EncodeError("out_of_range", path, `${value} is too far from the rest`);
}
