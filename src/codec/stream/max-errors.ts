// The errors that a stream guarantees, by analysis and not by sampling.
import { WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamPrecision } from "./stream-skeleton.ts";

/** Largest errors, without the rounding of the result to f32. */
export interface MaxErrors {
  readonly rotationDegrees: number;
  readonly positionMetres: number;
  readonly scale: number;
  readonly weight: number;
}

/**
 * The largest error of each kind of number.
 *
 * Each kept component of a rotation is off by at most half a step h. Let c be the three kept components.
 * On the sphere of unit quaternions a distance is at most 1 / sqrt(1 - |c|^2) times as long as between the
 * kept components. |c| is at most sqrt(3)/2, because the dropped component is the largest. So the largest
 * error leads outwards from there, along a great circle: asin(sqrt(3)/2 + sqrt(3) h) - asin(sqrt(3)/2).
 * The angle of the rotation is twice the angle between the quaternions.
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
