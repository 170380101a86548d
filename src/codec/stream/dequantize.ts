// From whole steps back to a pose. Rules E5 to E11. Uses + - * / sqrt only.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { quaternion } from "../rig/quaternion.ts";
import { rotationOf } from "./rotation.ts";
import { WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import type { StreamState } from "./stream-state.ts";

const rotation = quaternion();

/** Writes the pose of `state` into `out`, without time stamps. */
export function dequantizePose(skeleton: StreamSkeleton, state: StreamState, out: Pose): Pose {
  dequantizeTransform(skeleton, state, 0, out.root, 0);
  for (let transform = 1; transform < skeleton.transformCount; transform++) {
    const at = TRANSFORM_FLOATS * (transform - 1);
    dequantizeTransform(skeleton, state, transform, out.bones, at);
  }
  const { weightScale } = skeleton;
  const { weights } = state;
  for (let shape = 0; shape < weights.length; shape++) {
    out.blendShapes[shape] = (weights[shape] * weightScale) / WEIGHT_STEPS_WHOLE;
  }
  return out;
}

function dequantizeTransform(
  skeleton: StreamSkeleton,
  state: StreamState,
  transform: number,
  out: Float32Array,
  at: number,
): void {
  rotationOf(skeleton, state, transform, rotation);
  out[at + 3] = rotation[0];
  out[at + 4] = rotation[1];
  out[at + 5] = rotation[2];
  out[at + 6] = rotation[3];
  const { rest } = skeleton;
  const positionStep = skeleton.positionSteps[transform];
  const scaleStep = skeleton.scaleSteps[transform];
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
