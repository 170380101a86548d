// What both sides of a stream know before its first frame: names, rest transforms and precision.
// skeleton-message.ts encodes it.
import { EncodeError } from "../errors.ts";
import { checkRest, createBlankPose, TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import { quantizeRotation } from "./rotation.ts";
import { createState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";

/** How precise a stream's numbers are: the publisher's choice, sent with the skeleton. */
export interface StreamPrecision {
  /** Bits of each of a rotation's three components, 8 to 16. */
  readonly rotationBits: number;
  /** Metres of one step of a position. The error is half of it. */
  readonly positionStep: number;
  /** One step of a scale. */
  readonly scaleStep: number;
  /** The weight that counts as whole: 1, or 100 for Unity's. A weight's step is 1/255 of it. */
  readonly weightScale: number;
}

/** 0.275 degrees at the worst rotation, 1 mm, 1/1000 of a scale, 1/510 of a weight. */
export const DEFAULT_PRECISION: StreamPrecision = {
  rotationBits: 10,
  positionStep: 0.002,
  scaleStep: 0.002,
  weightScale: 1,
};

export const ROTATION_BITS_MIN = 8;
export const ROTATION_BITS_MAX = 16;
// Within these, every product of a step and a count of steps is a finite f32.
export const PRECISION_STEP_MIN = 1e-9;
export const PRECISION_STEP_MAX = 1e9;
/**
 * Steps of a position or scale on either side of its rest: 1,048 m at 2 mm. Motion from one end to the other
 * is predicted to continue by 47/64 [E14], so a residual has up to 3.5 times as many: a code below 2^22.
 */
export const OFFSET_STEPS_MAX = 2 ** 19;
/** Steps of a weight on either side of zero: 128 times the weight that counts as whole. */
export const WEIGHT_STEPS_MAX = 2 ** 15 - 1;
/** Steps of a weight that counts as whole. */
export const WEIGHT_STEPS_WHOLE = 255;

/** A skeleton with all that is needed to quantise its poses. Transform 0 is the root, bone b is b + 1. */
export interface StreamSkeleton {
  readonly skeleton: Skeleton;
  /** Rest of the root and every bone: position xyz, rotation xyzw, scale xyz. */
  readonly rest: Float32Array<ArrayBuffer>;
  readonly precision: StreamPrecision;
  /** Bones and the root. */
  readonly transformCount: number;
  /** The largest quantised component of a rotation: 511 at 10 bits. */
  readonly rotationMax: number;
  /** The quantised rest, which keyframes refer to. */
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
  const whole = { ...DEFAULT_PRECISION, ...precision };
  const wrong = findWrongPrecision(whole);
  if (wrong !== undefined) throw new RangeError(`${wrong} is ${whole[wrong]}`);
  return assembleStreamSkeleton(skeleton, rest, whole);
}

/** The field of `precision` that is out of range, if any. */
export function findWrongPrecision(precision: StreamPrecision): keyof StreamPrecision | undefined {
  const { rotationBits } = precision;
  const isBits =
    Number.isInteger(rotationBits) &&
    rotationBits >= ROTATION_BITS_MIN &&
    rotationBits <= ROTATION_BITS_MAX;
  if (!isBits) return "rotationBits";
  const steps = ["positionStep", "scaleStep", "weightScale"] as const;
  return steps.find(
    (name) => !(precision[name] >= PRECISION_STEP_MIN && precision[name] <= PRECISION_STEP_MAX),
  );
}

/** A stream skeleton of parts that were checked. */
export function assembleStreamSkeleton(
  skeleton: Skeleton,
  rest: Float32Array<ArrayBuffer>,
  precision: StreamPrecision,
): StreamSkeleton {
  const transformCount = skeleton.boneNames.length + 1;
  const rotationMax = 2 ** (precision.rotationBits - 1) - 1;
  const restState = createState(transformCount, skeleton.blendShapeNames.length);
  for (let transform = 0; transform < transformCount; transform++) {
    quantizeRotation(rest, TRANSFORM_FLOATS * transform + 3, rotationMax, restState, transform);
  }
  return { skeleton, rest, precision, transformCount, rotationMax, restState };
}

/** The pose of a stream's rest: the root's too. Weights are 0. */
export function restPoseOf({ skeleton, rest }: StreamSkeleton): Pose {
  const pose = createBlankPose(skeleton);
  pose.root.set(rest.subarray(0, TRANSFORM_FLOATS));
  pose.bones.set(rest.subarray(TRANSFORM_FLOATS));
  return pose;
}
