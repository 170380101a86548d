// The precision of a stream that has to hold a certain pose: the default one, but finer where bones are in a large
// unit, and coarser where a number would be out of reach.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import {
  DEFAULT_PRECISION,
  OFFSET_STEPS_MAX,
  PRECISION_STEP_MAX,
  WEIGHT_STEPS_MAX,
  WEIGHT_STEPS_WHOLE,
} from "./stream-skeleton.ts";
import type { StreamPrecision } from "./stream-skeleton.ts";

/** Below this a scale is that of a body, not of a unit. */
const UNIT_SCALE_MIN = 2;
// An armature in centimetres has 100. A larger one would leave the root less than 8 m to walk from its rest.
const UNIT_SCALE_MAX = 128;
/** A number that has left its range may go as far again before the next stream begins. */
const HEADROOM = 2;
/** What is rounded up to whole steps must fit too. */
const ROUNDING = 0.999;
/** A precision this many times as coarse as needed is worth a new stream. Above `HEADROOM`, or streams would never stay. */
const FAR = 4;

/** The precision for a stream of `skeleton` that begins with `pose`. */
export function fittingPrecision(skeleton: Skeleton, pose: Pose): StreamPrecision {
  const { positionStep, scaleStep, weightScale } = DEFAULT_PRECISION;
  const unitStep = positionStep / unitScaleOf(skeleton, pose);
  const { rest } = skeleton;
  const weightMax = largest(pose.blendShapes, 1, 0, 1);
  return {
    ...DEFAULT_PRECISION,
    positionStep: fit(unitStep, OFFSET_STEPS_MAX, largestOffset(pose, rest, 0)),
    scaleStep: fit(scaleStep, OFFSET_STEPS_MAX, largestOffset(pose, rest, 7)),
    weightScale: fit(weightScale, WEIGHT_STEPS_MAX / WEIGHT_STEPS_WHOLE, weightMax),
  };
}

/** Whether a step of `precision` is several steps of what this pose needs. */
export function isTooCoarse(precision: StreamPrecision, skeleton: Skeleton, pose: Pose): boolean {
  const needed = fittingPrecision(skeleton, pose);
  // The bits of rotations are the same in both.
  const fields = Object.keys(needed) as (keyof StreamPrecision)[];
  return fields.some((field) => precision[field] > FAR * needed[field]);
}

/** `step`, or what reaches twice as far as `value`. */
function fit(step: number, stepsMax: number, value: number): number {
  // A number that is not finite fits nothing, and the encoder says so.
  if (!Number.isFinite(value) || value <= ROUNDING * step * stepsMax) return step;
  return Math.min((HEADROOM * value) / stepsMax, PRECISION_STEP_MAX);
}

/** How far the bones' positions or scales are from their rest; without one, they are the rest. */
function largestOffset({ bones }: Pose, rest: Float32Array | undefined, first: number): number {
  if (rest === undefined) return 0;
  const offsets = Float64Array.from(bones, (value, index) => value - rest[index]);
  return largest(offsets, TRANSFORM_FLOATS, first, 3);
}

/** The largest of `count` numbers from `first` on in each `stride`, by absolute value. */
function largest(values: ArrayLike<number>, stride: number, first: number, count: number): number {
  let result = 0;
  for (let at = first; at < values.length; at += stride) {
    for (let index = at; index < at + count; index++) {
      result = Math.max(result, Math.abs(values[index]));
    }
  }
  return result;
}

/**
 * How many metres one unit of a bone's position is at most, if more than one: the scales of the root and of all
 * bones above. Where parents are not known, any bone may be above any other.
 */
function unitScaleOf({ boneNames, boneParents }: Skeleton, { root, bones }: Pose): number {
  const scales = boneNames.map((_, bone) => scaleAt(bones, TRANSFORM_FLOATS * bone));
  let unitScale = Math.max(1, ...scales);
  if (boneParents?.some((parent) => parent !== null)) {
    const indices = new Map(boneNames.map((name, index) => [name, index]));
    const parents = boneParents;
    const above = (bone: number): number => {
      let scale = 1;
      let steps = 0;
      let parent = indices.get(parents[bone] ?? "");
      // Parents may be a circle.
      while (parent !== undefined && steps++ < boneNames.length) {
        scale *= scales[parent];
        parent = indices.get(boneParents[parent] ?? "");
      }
      return scale;
    };
    unitScale = Math.max(1, ...boneNames.map((_, bone) => above(bone)));
  }
  unitScale *= scaleAt(root, 0);
  return unitScale > UNIT_SCALE_MIN ? Math.min(unitScale, UNIT_SCALE_MAX) : 1;
}

function scaleAt(transforms: Float32Array, at: number): number {
  return largest(transforms.subarray(at, at + TRANSFORM_FLOATS), TRANSFORM_FLOATS, 7, 3);
}
