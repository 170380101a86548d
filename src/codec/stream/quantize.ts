// From a pose to whole steps and back. Rules E5 to E11. Uses + - * / sqrt only.
import { EncodeError } from "../errors.ts";
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { dequantizeRotation, quantizeRotation } from "./rotation.ts";
import { OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX, WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Quantises `pose` into `out`.
 * @throws {EncodeError} `not_finite` or `out_of_range`, with the number's path; `out` is then unusable.
 */
export function quantizePose(skeleton: StreamSkeleton, pose: Pose, out: StreamState): StreamState {
  quantizeTransform(skeleton, pose.root, 0, 0, out);
  for (let transform = 1; transform < skeleton.transformCount; transform++) {
    quantizeTransform(skeleton, pose.bones, TRANSFORM_FLOATS * (transform - 1), transform, out);
  }
  const { blendShapes } = pose;
  const { weightScale } = skeleton.precision;
  for (let shape = 0; shape < out.weights.length; shape++) {
    const steps = Math.floor((blendShapes[shape] * WEIGHT_STEPS_WHOLE) / weightScale + 0.5);
    if (!(steps <= WEIGHT_STEPS_MAX && steps >= -WEIGHT_STEPS_MAX)) {
      throw unusable(`$.blendShapes[${shape}].weight`, blendShapes[shape]);
    }
    out.weights[shape] = steps;
  }
  return out;
}

/** Writes the pose of `state` into `out`, without time stamps. */
export function dequantizePose(skeleton: StreamSkeleton, state: StreamState, out: Pose): Pose {
  dequantizeTransform(skeleton, state, 0, out.root, 0);
  for (let transform = 1; transform < skeleton.transformCount; transform++) {
    const at = TRANSFORM_FLOATS * (transform - 1);
    dequantizeTransform(skeleton, state, transform, out.bones, at);
  }
  const { weightScale } = skeleton.precision;
  const { weights } = state;
  for (let shape = 0; shape < weights.length; shape++) {
    out.blendShapes[shape] = (weights[shape] * weightScale) / WEIGHT_STEPS_WHOLE;
  }
  return out;
}

function quantizeTransform(
  skeleton: StreamSkeleton,
  values: Float32Array,
  at: number,
  transform: number,
  out: StreamState,
): void {
  const sum = values[at + 3] + values[at + 4] + values[at + 5] + values[at + 6];
  // A sum with NaN or an infinity is not finite. Finite f32 numbers cannot overflow it.
  if (sum - sum !== 0) throw unusable(pathOf(transform, "Rotation"), sum);
  quantizeRotation(values, at + 3, skeleton.rotationMax, out, transform);
  const { rest } = skeleton;
  const { positionStep, scaleStep } = skeleton.precision;
  const restAt = TRANSFORM_FLOATS * transform;
  for (let axis = 0; axis < 3; axis++) {
    const position = values[at + axis];
    const steps = stepsFrom(rest[restAt + axis], position, positionStep);
    // Negated here and below, so that NaN is refused too.
    if (!(steps <= OFFSET_STEPS_MAX && steps >= -OFFSET_STEPS_MAX)) {
      throw unusable(pathOf(transform, "Position"), position);
    }
    out.positions[3 * transform + axis] = steps;
    const scale = values[at + 7 + axis];
    const scaleSteps = stepsFrom(rest[restAt + 7 + axis], scale, scaleStep);
    if (!(scaleSteps <= OFFSET_STEPS_MAX && scaleSteps >= -OFFSET_STEPS_MAX)) {
      throw unusable(pathOf(transform, "Scale"), scale);
    }
    out.scales[3 * transform + axis] = scaleSteps;
  }
}

function stepsFrom(rest: number, value: number, step: number): number {
  // Most never leave their rest, and need no division.
  return value === rest ? 0 : Math.floor((value - rest) / step + 0.5);
}

function dequantizeTransform(
  skeleton: StreamSkeleton,
  state: StreamState,
  transform: number,
  out: Float32Array,
  at: number,
): void {
  dequantizeRotation(state, transform, skeleton.rotationMax, out, at + 3);
  const { rest } = skeleton;
  const { positionStep, scaleStep } = skeleton.precision;
  const restAt = TRANSFORM_FLOATS * transform;
  for (let axis = 0; axis < 3; axis++) {
    const position = state.positions[3 * transform + axis];
    const scale = state.scales[3 * transform + axis];
    const restPosition = rest[restAt + axis];
    const restScale = rest[restAt + 7 + axis];
    // 0 steps are the rest itself, bit by bit: -0 stays -0.
    out[at + axis] = position === 0 ? restPosition : restPosition + position * positionStep;
    out[at + 7 + axis] = scale === 0 ? restScale : restScale + scale * scaleStep;
  }
}

function pathOf(transform: number, field: "Position" | "Rotation" | "Scale"): string {
  if (transform > 0) return `$.bones[${transform - 1}].local${field}`;
  return `$.rootTransform.${field === "Scale" ? "local" : "world"}${field}`;
}

function unusable(path: string, value: number): EncodeError {
  if (!Number.isFinite(value)) return new EncodeError("not_finite", path, `found ${value}`);
  return new EncodeError("out_of_range", path, `${value} is too far from the rest`);
}
