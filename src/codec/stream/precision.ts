// Precision: the steps of each transform's numbers, from how far off a point of the body may be because of one
// bone. A step is the upper half of an f32, which is how the skeleton's message carries it. Rules E27, E31.
import type { Skeleton } from "../frame.ts";
import { reachOf, scaleOf } from "./reach.ts";
import type { Reach } from "./reach.ts";
import { TURN_LENGTH_MAX } from "./rotation.ts";

/** How precise a stream is. */
export interface StreamPrecision {
  /**
   * Metres by which the rounding of one bone's numbers may move any point of the body. What bones above and below it
   * do is not counted: `maxErrors` tells what all of them may add up to, which hardly ever happens. Default: 0.02.
   */
  readonly errorMetres: number;
  /** The weight that counts as whole: 1, or 100 for Unity's. A weight's step is 1/255 of it. */
  readonly weightScale: number;
}

export const DEFAULT_PRECISION: StreamPrecision = { errorMetres: 0.02, weightScale: 1 };

/** Three steps of each transform. */
export interface TransformSteps {
  /** Of a turn's numbers, from 2^-16 to 1/4. */
  readonly rotationSteps: Float32Array<ArrayBuffer>;
  /** In units of the position, from 1e-9 to 1e9. */
  readonly positionSteps: Float32Array<ArrayBuffer>;
  /** From 1e-9 to 1e9. */
  readonly scaleSteps: Float32Array<ArrayBuffer>;
}

/** An encoder rounds a rotation's number to its prediction, or to the nearest integer at most this far from it. */
export const ROUNDING_MAX = 0.6;
/** The same where nothing moved before: what only trembles stays where it is. */
export const ROUNDING_STILL_MAX = 0.7;
/** An encoder turns a transform at most this many steps away, to bring its end to where it should be: in radians. */
export const AIM_STEPS_MAX = 1.5;

export const ROTATION_STEP_MIN = 2 ** -16;
export const ROTATION_STEP_MAX = 0.25;
/**
 * Steps of a position or scale on either side of its rest: 2 km at 3.9 mm. Motion from one end to the other
 * is predicted to continue by 47/64 [E15], so a residual has up to 3.5 times as many: a code below 2^22.
 */
export const OFFSET_STEPS_MAX = 2 ** 19;
export const OFFSET_STEP_MIN = 1e-9;
export const OFFSET_STEP_MAX = 1e9;

/** The angle in radians by which a rotation of this step may be off. */
export function rotationErrorOf(step: number): number {
  // Along a straight line of numbers the half angle grows by at most 1 / sqrt(1 - p^2 / 4) times as much. The line
  // goes to a corner of the cell, and begins within TURN_LENGTH_MAX of the rest.
  const half = Math.sqrt(3) * ROUNDING_STILL_MAX * step;
  const furthest = TURN_LENGTH_MAX + half;
  return (2 * half) / Math.sqrt(1 - (furthest * furthest) / 4);
}

/** The largest step of a rotation that is off by an angle of at most `radians`. */
function rotationStepOf(radians: number): number {
  // Without the cell's own size in `furthest`, the step is too large: it is refined by what it gives.
  let step = radians / (2 * Math.sqrt(3) * ROUNDING_STILL_MAX);
  for (let round = 0; round < 8; round++) {
    const bounded = Math.min(step, ROTATION_STEP_MAX);
    step = bounded * Math.min(1, radians / rotationErrorOf(bounded));
  }
  return step;
}

/** How a bone's `errorMetres` is shared out. Positions are few, and each of their errors moves all that is below. */
const SHARE = { rotation: 12 / 16, position: 3 / 16, scale: 1 / 16 } as const;

/** The finest step of a scale, as a part of the scale at rest: 32 times that is in range. */
const SCALE_PART_MIN = 2 ** -14;

/**
 * The steps of a skeleton with this rest, which has 10 floats a transform.
 *
 * A transform's rounding may turn its furthest point by no more than `errorMetres`. Most may turn it by less, which
 * is where bits are spent best. Since the next bone makes up for what is left of a rotation, most of the error is
 * along the bone itself: a long one is finer. So is a bone that moves many, and one that reaches little, because
 * errors meet at the tips. The exponents were the best of several for the clips at equal errors.
 */
export function stepsOf(
  skeleton: Skeleton,
  rest: Float32Array,
  errorMetres: number,
): TransformSteps {
  const parts = reachOf(skeleton, rest);
  const { metres, unitMetres } = parts;
  const count = metres.length;
  const rotationSteps = new Float32Array(count);
  const positionSteps = new Float32Array(count);
  const scaleSteps = new Float32Array(count);
  for (let transform = 0; transform < count; transform++) {
    const reach = metres[transform];
    const rotation = rotationStepOf((errorMetres * rotationShareOf(parts, transform)) / reach);
    rotationSteps[transform] = stepWithin(rotation, ROTATION_STEP_MIN, ROTATION_STEP_MAX);
    // Half a step on each of three axes.
    const position = (SHARE.position * errorMetres * 2) / Math.sqrt(3) / unitMetres[transform];
    // A power of two: whole metres are whole steps.
    const power = 2 ** Math.floor(Math.log2(position));
    positionSteps[transform] = stepWithin(power, OFFSET_STEP_MIN, OFFSET_STEP_MAX);
    // A scale of 1.01 moves a point by 1 % of its distance.
    const part = Math.max((SHARE.scale * errorMetres * 2) / reach, SCALE_PART_MIN);
    const scale = part * (scaleOf(rest, transform) || 1);
    scaleSteps[transform] = stepWithin(scale, OFFSET_STEP_MIN, OFFSET_STEP_MAX);
  }
  return { rotationSteps, positionSteps, scaleSteps };
}

/** The part of `errorMetres` by which a transform's rotation may move its furthest point. */
function rotationShareOf({ metres, boneMetres, movedCounts }: Reach, transform: number): number {
  const reach = metres[transform];
  const share = 0.5 * (reach / boneMetres[transform]) ** 0.8 * movedCounts[transform] ** -0.2;
  return SHARE.rotation * Math.min(1, share) * Math.min(1, reach) ** 0.1;
}

/** The `errorMetres` that rotations' steps were derived from: the median, because a step may be at its limit. */
export function errorMetresOf(parts: Reach, rotationSteps: Float32Array): number {
  const errors = Float64Array.from(rotationSteps, (step, transform) => {
    const metres = rotationErrorOf(step) * parts.metres[transform];
    return metres / rotationShareOf(parts, transform);
  });
  return errors.sort()[errors.length >> 1];
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The upper half of an f32, rounded towards 0: a step that is finer by less than 1 %. */
export function upperHalfOf(value: number): number {
  float[0] = value;
  return bits[0] >>> 16;
}

/** The number whose f32 has this upper half and zeros below. */
export function fromUpperHalf(half: number): number {
  bits[0] = half << 16;
  return float[0];
}

function stepWithin(step: number, min: number, max: number): number {
  return fromUpperHalf(upperHalfOf(Math.min(max, Math.max(min * 1.01, step))));
}
