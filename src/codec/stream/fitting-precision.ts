// Steps for a stream that has to hold a certain pose: those of the precision, but coarser where a number would be
// out of reach.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { fromUpperHalf, OFFSET_STEP_MAX, OFFSET_STEPS_MAX, upperHalfOf } from "./precision.ts";
import type { TransformSteps } from "./precision.ts";

/** A number that has left its range may go as far again before the next stream begins. */
const HEADROOM = 2;
/** What is rounded up to whole steps must fit too. */
const ROUNDING = 0.999;

/** Makes the steps of positions and scales coarser where `pose` is out of their reach. */
export function fitSteps(steps: TransformSteps, rest: Float32Array, pose: Pose): void {
  for (let transform = 0; transform < steps.positionSteps.length; transform++) {
    const from = transform === 0 ? pose.root : pose.bones;
    const at = transform === 0 ? 0 : TRANSFORM_FLOATS * (transform - 1);
    const offset = (first: number): number => {
      const away = [0, 1, 2].map((axis) => {
        const index = first + axis;
        return Math.abs(from[at + index] - rest[TRANSFORM_FLOATS * transform + index]);
      });
      return Math.max(...away);
    };
    fit(steps.positionSteps, transform, offset(0));
    fit(steps.scaleSteps, transform, offset(7));
  }
}

function fit(steps: Float32Array, transform: number, value: number): void {
  // A number that is not finite fits nothing, and the encoder says so.
  if (!Number.isFinite(value) || value <= ROUNDING * steps[transform] * OFFSET_STEPS_MAX) return;
  const step = Math.min((HEADROOM * value) / OFFSET_STEPS_MAX, OFFSET_STEP_MAX);
  steps[transform] = fromUpperHalf(upperHalfOf(step));
}
