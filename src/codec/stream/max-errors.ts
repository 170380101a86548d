// The errors that a stream guarantees, by analysis and not by sampling.
import { AIM_STEPS_MAX, rotationErrorOf } from "./precision.ts";
import { reachOf, scaleOf, SKIN_METRES, transformAbove } from "./reach.ts";
import { WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

/** Largest errors, without the rounding of the result to f32. */
export interface MaxErrors {
  /** Of each transform's own rotation, the root's first: what it rounds, and what it makes up for. */
  readonly rotationDegrees: Float64Array;
  /** Of each transform, on one axis, in units of its position. */
  readonly position: Float64Array;
  /** Of each transform, on one axis. */
  readonly scale: Float64Array;
  readonly weight: number;
  /**
   * Of any point of the body in metres, the root's part included. It holds for bones that are as long as at rest.
   * Null if no bone's parent is known.
   */
  readonly bodyMetres: number | null;
}

/** The largest error of each kind of number in what our encoder makes of a skeleton. */
export function maxErrors(stream: StreamSkeleton): MaxErrors {
  const { skeleton, rest, transformCount } = stream;
  const { tree, offsetMetres, unitMetres } = reachOf(skeleton, rest);
  // What a transform rounds, and what it is aimed.
  const rounded = Float64Array.from(
    stream.rotationSteps,
    (step) => rotationErrorOf(step) + (tree === null ? 0 : AIM_STEPS_MAX * step),
  );
  const position = Float64Array.from(stream.positionSteps, (step) => step / 2);
  const scale = Float64Array.from(stream.scaleSteps, (step) => step / 2);
  const local = rounded.slice();
  let bodyMetres: number | null = null;
  if (tree !== null) {
    // In the room: how much each transform is turned, stretched and shifted.
    const turned = new Float64Array(transformCount);
    const stretched = new Float64Array(transformCount);
    const shifted = new Float64Array(transformCount);
    for (const transform of [0, ...Array.from(tree.order, (bone) => bone + 1)]) {
      const above = transformAbove(tree, transform);
      if (transform > 0) {
        local[transform] += turned[above];
        stretched[transform] = stretched[above];
        shifted[transform] =
          shifted[above] + (turned[above] + stretched[above]) * offsetMetres[transform];
      }
      // A transform points where the source's does but for its rounding and aim, or, at rest, but for that above.
      turned[transform] = Math.max(rounded[transform], transform > 0 ? turned[above] : 0);
      const factor = scaleOf(rest, transform);
      stretched[transform] += factor === 0 ? 0 : scale[transform] / factor;
      shifted[transform] += Math.sqrt(3) * position[transform] * unitMetres[transform];
      const skin = (turned[transform] + stretched[transform]) * SKIN_METRES;
      bodyMetres = Math.max(bodyMetres ?? 0, shifted[transform] + skin);
    }
  }
  return {
    rotationDegrees: local.map((radians) => (radians * 180) / Math.PI),
    position,
    scale,
    weight: stream.weightScale / WEIGHT_STEPS_WHOLE / 2,
    bodyMetres,
  };
}
