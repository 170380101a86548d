// What both sides of a stream know before its first frame: names, rest transforms and precision.
// skeleton-message.ts encodes it.
import { EncodeError } from "../errors.ts";
import { checkRest, createBlankPose, TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import {
  DEFAULT_PRECISION,
  OFFSET_STEP_MAX,
  OFFSET_STEP_MIN,
  ROTATION_STEP_MAX,
  ROTATION_STEP_MIN,
  stepsOf,
} from "./precision.ts";
import type { StreamPrecision, TransformSteps } from "./precision.ts";
import { readQuaternion } from "../rig/quaternion.ts";
import { TURN_SQUARE_MAX } from "./rotation.ts";
import type { TurnScale } from "./rotation.ts";
import { createState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Steps of a position or scale on either side of its rest: 2.4 km at 4.6 mm. Motion from one end to the other
 * is predicted to continue by 47/64 [E15], so a residual has up to 3.5 times as many: a code below 2^22.
 */
export const OFFSET_STEPS_MAX = 2 ** 19;
/** Steps of a weight on either side of zero: 4 times the weight that counts as whole. */
export const WEIGHT_STEPS_MAX = 1023;
/** Steps of a weight that counts as whole. */
export const WEIGHT_STEPS_WHOLE = 255;
export const WEIGHT_SCALE_MIN = 1e-9;
/** Four of them are a finite f32. */
export const WEIGHT_SCALE_MAX = Math.fround(8e37);

/** A skeleton with all that is needed to quantise its poses. Transform 0 is the root, bone b is b + 1. */
export interface StreamSkeleton extends TransformSteps, TurnScale {
  readonly skeleton: Skeleton;
  /** Rest of the root and every bone: position xyz, rotation xyzw, scale xyz. */
  readonly rest: Float32Array<ArrayBuffer>;
  /** An f32. */
  readonly weightScale: number;
  /** Bones and the root. */
  readonly transformCount: number;
  /** By transform: the sum of three squares beyond which its turn's numbers are refused. */
  readonly turnSquaresMax: Float64Array;
  /** The rest in steps, which keyframes refer to: zeros. */
  readonly restState: StreamState;
}

/**
 * A stream's skeleton. Bones rest as in `skeleton.rest`, or, where it is absent, as in the stream's
 * first pose. The root always rests where it is in the first pose. Bones that stay at rest cost nearly
 * nothing and stay exact.
 * @throws {EncodeError} for a rest that is not finite. @throws {RangeError} for a precision out of range,
 * or a rest that does not have 10 floats a bone.
 */
export function createStreamSkeleton(
  skeleton: Skeleton,
  firstPose: Pose,
  precision: Partial<StreamPrecision> = {},
): StreamSkeleton {
  const rest = new Float32Array(TRANSFORM_FLOATS * (skeleton.boneNames.length + 1));
  checkRest(skeleton);
  rest.set(firstPose.root);
  rest.set(skeleton.rest ?? firstPose.bones, TRANSFORM_FLOATS);
  const notFinite = rest.findIndex((value) => !Number.isFinite(value));
  if (notFinite >= 0) {
    throw new EncodeError("not_finite", "$.rest", `number ${notFinite} is ${rest[notFinite]}`);
  }
  const { errorMetres, weightScale } = { ...DEFAULT_PRECISION, ...precision };
  if (!(errorMetres > 0 && Number.isFinite(errorMetres))) {
    throw new RangeError(`errorMetres is ${errorMetres}`);
  }
  if (!isWeightScale(Math.fround(weightScale))) {
    throw new RangeError(`weightScale is ${weightScale}`);
  }
  const steps = stepsOf(skeleton, rest, errorMetres);
  return assembleStreamSkeleton(skeleton, rest, Math.fround(weightScale), steps);
}

/** Whether a step of a rotation is one that a stream may have. */
export function isRotationStep(step: number): boolean {
  return step >= ROTATION_STEP_MIN && step <= ROTATION_STEP_MAX;
}

/** Whether a step of a position or scale is one that a stream may have. */
export function isOffsetStep(step: number): boolean {
  // Within these, every product of a step and a count of steps is a finite f32.
  return step >= OFFSET_STEP_MIN && step <= OFFSET_STEP_MAX;
}

export function isWeightScale(scale: number): boolean {
  return scale >= WEIGHT_SCALE_MIN && scale <= WEIGHT_SCALE_MAX;
}

/** The weight that should count as whole in a stream that begins with this pose: 1, 100, 10,000 and so on. */
export function weightScaleOf({ blendShapes }: Pose): number {
  const largest = blendShapes.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
  let scale = 1;
  while (largest * WEIGHT_STEPS_WHOLE > WEIGHT_STEPS_MAX * scale && scale < WEIGHT_SCALE_MAX) {
    scale *= 100;
  }
  return Math.min(scale, WEIGHT_SCALE_MAX);
}

/** A stream skeleton of parts that were checked. */
export function assembleStreamSkeleton(
  skeleton: Skeleton,
  rest: Float32Array<ArrayBuffer>,
  weightScale: number,
  steps: TransformSteps,
): StreamSkeleton {
  const transformCount = skeleton.boneNames.length + 1;
  const restRotations = Array.from({ length: transformCount }, (_, transform) =>
    readQuaternion(rest, TRANSFORM_FLOATS * transform + 3),
  );
  return {
    ...steps,
    skeleton,
    rest,
    weightScale,
    transformCount,
    restRotations,
    turnSquaresMax: Float64Array.from(
      steps.rotationSteps,
      (step) => TURN_SQUARE_MAX / (step * step),
    ),
    restState: createState(transformCount, skeleton.blendShapeNames.length),
  };
}

/** The pose of a stream's rest: the root's too. Weights are 0. */
export function restPoseOf({ skeleton, rest }: StreamSkeleton): Pose {
  const pose = createBlankPose(skeleton);
  pose.root.set(rest.subarray(0, TRANSFORM_FLOATS));
  pose.bones.set(rest.subarray(TRANSFORM_FLOATS));
  return pose;
}
