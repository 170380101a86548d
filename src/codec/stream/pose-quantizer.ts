// From poses to whole steps. A reader accepts any steps: what is chosen here is the encoder's choice, rules E31 to
// E33. Uses + - * / sqrt only.
import { EncodeError } from "../errors.ts";
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { invert, multiply, quaternion, readQuaternion } from "../rig/quaternion.ts";
import type { Quaternion } from "../rig/quaternion.ts";
import { ROUNDING_MAX } from "./precision.ts";
import { PREDICTION, predict } from "./prediction.ts";
import { reachOf, transformAbove } from "./reach.ts";
import type { Resolved } from "./references.ts";
import { rotationOf, turnOf } from "./rotation.ts";
import { OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX, WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Quantises the poses of one skeleton. What rounding leaves of a rotation is carried into the rotations below, which
 * then point where the source's do: errors do not add up from the hips to a finger. Because of that, a number may be
 * rounded to its prediction from a little further away, which costs less.
 */
export class PoseQuantizer {
  readonly #skeleton: StreamSkeleton;
  // Transforms, each after the one above it; and those above, -1 for none.
  readonly #order: Int32Array;
  readonly #above: Int32Array;
  // What each transform still has to turn, so that it points where the source's does.
  readonly #carried: readonly Quaternion[];
  readonly #target = quaternion();
  readonly #decoded = quaternion();
  readonly #turn = new Float64Array(3);

  constructor(skeleton: StreamSkeleton) {
    const count = skeleton.transformCount;
    const { tree } = reachOf(skeleton.skeleton, skeleton.rest);
    this.#skeleton = skeleton;
    this.#order = Int32Array.from({ length: count }, (_, transform) => transform);
    this.#above = new Int32Array(count).fill(-1);
    this.#carried = Array.from({ length: count }, () => quaternion());
    if (tree === null) return;
    tree.order.forEach((bone, index) => (this.#order[index + 1] = bone + 1));
    tree.parents.forEach((_, bone) => (this.#above[bone + 1] = transformAbove(tree, bone + 1)));
  }

  /**
   * Quantises `pose` into `out`, to be coded by the states of `by`, if there are any.
   * @throws {EncodeError} `not_finite` or `out_of_range`, with the number's path; `out` is then unusable.
   */
  quantize(pose: Pose, by: Resolved | null, out: StreamState): StreamState {
    for (let index = 0; index < this.#order.length; index++) {
      const transform = this.#order[index];
      const values = transform === 0 ? pose.root : pose.bones;
      const at = transform === 0 ? 0 : TRANSFORM_FLOATS * (transform - 1);
      this.#quantizeRotation(values, at + 3, transform, by, out);
      this.#quantizeOffsets(values, at, transform, out);
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
    const target = readQuaternion(values, at, this.#target);
    const above = this.#above[transform];
    if (above >= 0) multiply(this.#carried[above], target, target);
    const first = 3 * transform;
    if (isAtRest(skeleton.rest, values, at, TRANSFORM_FLOATS * transform + 3)) {
      // What does not move costs nothing. The transforms below get what is carried.
      out.rotations.fill(0, first, first + 3);
    } else {
      const turn = this.#turn;
      turnOf(skeleton, target, transform, by?.reference ?? null, turn);
      for (let axis = 0; axis < 3; axis++) {
        out.rotations[first + axis] = roundTo(turn[axis], predictRotation(by, first + axis));
      }
    }
    const decoded = this.#decoded;
    rotationOf(skeleton, out, transform, decoded);
    multiply(invert(decoded, decoded), target, this.#carried[transform]);
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
      const scale = values[at + 7 + axis];
      const stepsOfScale = stepsFrom(rest[restAt + 7 + axis], scale, scaleStep);
      if (!(stepsOfScale <= OFFSET_STEPS_MAX && stepsOfScale >= -OFFSET_STEPS_MAX)) {
        throw unusable(pathOf(transform, "Scale"), scale);
      }
      out.scales[3 * transform + axis] = stepsOfScale;
    }
  }
}

/** What a rotation's number is predicted to be; null for a keyframe without a frame before it. */
function predictRotation(by: Resolved | null, at: number): number | null {
  if (by === null) return null;
  const reference = by.reference.rotations[at];
  return predict(reference, reference - by.before.rotations[at], PREDICTION.rotation[by.mode]);
}

/** The nearest integer, or the one next to it towards the prediction if that is at most ROUNDING_MAX away. */
function roundTo(value: number, predicted: number | null): number {
  if (predicted === null) return Math.floor(value + 0.5);
  const residual = value - predicted;
  const steps = Math.floor(Math.abs(residual) + 1 - ROUNDING_MAX);
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
