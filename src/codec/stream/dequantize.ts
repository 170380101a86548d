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
  const { transformCount, weightScale, decodedRest } = skeleton;
  const { rotations, positions, scales, weights } = state;
  for (let transform = 0; transform < transformCount; transform++) {
    const values = transform === 0 ? out.root : out.bones;
    const at = transform === 0 ? 0 : TRANSFORM_FLOATS * (transform - 1);
    const restAt = TRANSFORM_FLOATS * transform;
    const a = 3 * transform;
    const b = a + 1;
    const c = a + 2;
    // 0 steps are the rest itself, bit by bit: -0 stays -0. Most numbers are at rest.
    for (let index = 0; index < TRANSFORM_FLOATS; index++) {
      values[at + index] = decodedRest[restAt + index];
    }
    if ((rotations[a] | rotations[b] | rotations[c]) !== 0) {
      rotationOf(skeleton, rotations, transform, rotation);
      values[at + 3] = rotation[0];
      values[at + 4] = rotation[1];
      values[at + 5] = rotation[2];
      values[at + 6] = rotation[3];
    }
    if ((positions[a] | positions[b] | positions[c]) !== 0) {
      moveOffset(values, at, positions, a, skeleton.positionSteps[transform]);
    }
    if ((scales[a] | scales[b] | scales[c]) !== 0) {
      moveOffset(values, at + 7, scales, a, skeleton.scaleSteps[transform]);
    }
  }
  const { blendShapes } = out;
  for (let shape = 0; shape < weights.length; shape++) {
    blendShapes[shape] = (weights[shape] * weightScale) / WEIGHT_STEPS_WHOLE;
  }
  return out;
}

/** Moves a position or a scale from its rest. */
function moveOffset(
  values: Float32Array,
  at: number,
  steps: Int32Array,
  first: number,
  step: number,
): void {
  for (let axis = 0; axis < 3; axis++) {
    const count = steps[first + axis];
    if (count !== 0) values[at + axis] += count * step;
  }
}
