// What both sides of a stream know before its first frame: names, rest transforms and precision.
// skeleton-message.ts encodes it.
import { EncodeError } from "../errors.ts";
import { checkRest, createBlankPose, TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import { fitSteps } from "./fitting-precision.ts";
import {
  DEFAULT_PRECISION,
  OFFSET_STEP_MAX,
  OFFSET_STEP_MIN,
  ROTATION_STEP_MAX,
  ROTATION_STEP_MIN,
  stepsOf,
} from "./precision.ts";
import type { StreamPrecision, TransformSteps } from "./precision.ts";
import { restNearby } from "./root-rest.ts";
import { quaternion, readQuaternion } from "../rig/quaternion.ts";
import { rotationOf, TURN_SQUARE_MAX } from "./rotation.ts";
import type { TurnScale } from "./rotation.ts";
import { createState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";

export { OFFSET_STEPS_MAX } from "./precision.ts";
/** Steps of a weight on either side of zero: 4 times the weight that counts as whole. */
export const WEIGHT_STEPS_MAX = 1023;
/** Steps of a weight that counts as whole. */
export const WEIGHT_STEPS_WHOLE = 255;
export const WEIGHT_SCALE_MIN = Math.fround(1e-9);
/** Four of them are a finite f32. */
export const WEIGHT_SCALE_MAX = Math.fround(8e37);

/** A skeleton with all that is needed to quantise its poses. Transform 0 is the root, bone b is b + 1. */
export interface StreamSkeleton extends TransformSteps, TurnScale {
  readonly skeleton: Skeleton;
  /** Rest of the root and every bone: position xyz, rotation xyzw, scale xyz. */
  readonly rest: Float32Array<ArrayBuffer>;
  /** The same with rotations of length 1, as zeros decode. */
  readonly decodedRest: Float32Array<ArrayBuffer>;
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
  restNearby(rest, steps.positionSteps[0]);
  fitSteps(steps, rest, firstPose);
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

/** The weight that should count as whole in a stream that begins with this pose: 1, or more if a weight needs it. */
export function weightScaleOf({ blendShapes }: Pose): number {
  const largest = blendShapes.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
  const range = WEIGHT_STEPS_MAX / WEIGHT_STEPS_WHOLE;
  // A number that is not finite fits nothing, and the encoder says so.
  if (!Number.isFinite(largest) || largest <= 0.999 * range) return 1;
  return Math.min((2 * largest) / range, WEIGHT_SCALE_MAX);
}

/** A precision this many times as coarse as needed is worth a new stream. */
const FAR = 4;
/** Scales' steps depend on how far a bone reaches too. */
const SCALE_FAR = 64;

/** Whether a stream has far coarser steps than one of this precision that began with this pose. */
export function isTooCoarse(
  stream: StreamSkeleton,
  skeleton: Skeleton,
  pose: Pose,
  precision: Partial<StreamPrecision> = {},
): boolean {
  const { weightScale = weightScaleOf(pose) } = precision;
  const needed = createStreamSkeleton(skeleton, pose, { ...precision, weightScale });
  return (
    stream.weightScale > FAR * needed.weightScale ||
    stream.positionSteps.some((step, at) => step > FAR * needed.positionSteps[at]) ||
    stream.scaleSteps.some((step, at) => step > SCALE_FAR * needed.scaleSteps[at])
  );
}

/** A stream skeleton of parts that were checked. */
export function assembleStreamSkeleton(
  skeleton: Skeleton,
  rest: Float32Array<ArrayBuffer>,
  weightScale: number,
  steps: TransformSteps,
): StreamSkeleton {
  const transformCount = skeleton.boneNames.length + 1;
  const restRotations = new Float64Array(4 * transformCount);
  const restState = createState(transformCount, skeleton.blendShapeNames.length);
  const decodedRest = rest.slice();
  const rotation = quaternion();
  for (let transform = 0; transform < transformCount; transform++) {
    const at = TRANSFORM_FLOATS * transform + 3;
    restRotations.set(readQuaternion(rest, at, rotation), 4 * transform);
    rotationOf({ ...steps, restRotations }, restState.rotations, transform, rotation);
    decodedRest.set(rotation, at);
  }
  return {
    ...steps,
    skeleton,
    rest,
    decodedRest,
    weightScale,
    transformCount,
    restRotations,
    turnSquaresMax: Float64Array.from(
      steps.rotationSteps,
      (step) => TURN_SQUARE_MAX / (step * step),
    ),
    restState,
  };
}

/** The pose of a stream's rest: the root's too. Weights are 0. */
export function restPoseOf({ skeleton, rest }: StreamSkeleton): Pose {
  const pose = createBlankPose(skeleton);
  pose.root.set(rest.subarray(0, TRANSFORM_FLOATS));
  pose.bones.set(rest.subarray(TRANSFORM_FLOATS));
  return pose;
}
