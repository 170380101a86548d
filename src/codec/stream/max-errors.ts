// The errors that a stream guarantees, by analysis and not by sampling.
import { WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamPrecision } from "./stream-skeleton.ts";

/** Largest errors, each beside the rounding of the f32 that carries the number. */
export interface MaxErrors {
  readonly rotationDegrees: number;
  readonly positionMetres: number;
  readonly scale: number;
  readonly weight: number;
}

/**
 * The largest error of each kind of number.
 *
 * A rotation's kept components c each err by half a step h or less. Where they are c, the sphere of unit
 * quaternions is 1 / sqrt(1 - |c|^2) times as wide as its shadow at the most, and |c| is sqrt(3)/2 at the
 * most, for the dropped component is the largest. The longest way from c to c + e thus leads outwards
 * from there, along a great circle: asin(sqrt(3)/2 + sqrt(3) h) - asin(sqrt(3)/2), and half the
 * angle of a rotation is the angle between quaternions.
 */
export function maxErrors(precision: StreamPrecision): MaxErrors {
  const rotationMax = 2 ** (precision.rotationBits - 1) - 1;
  const half = Math.SQRT1_2 / rotationMax / 2;
  const radius = Math.sqrt(3) / 2;
  const radians = 2 * (Math.asin(radius + Math.sqrt(3) * half) - Math.asin(radius));
  return {
    rotationDegrees: (radians * 180) / Math.PI,
    positionMetres: precision.positionStep / 2,
    scale: precision.scaleStep / 2,
    weight: precision.weightScale / WEIGHT_STEPS_WHOLE / 2,
  };
}
