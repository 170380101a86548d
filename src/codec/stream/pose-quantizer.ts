// From poses to whole steps. A reader accepts any steps: what is chosen here is the encoder's choice, rules E31 to
// E34. Uses + - * / sqrt only.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Pose } from "../frame.ts";
import type { Resolved } from "./references.ts";
import { OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX, WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import type { StreamState } from "./stream-state.ts";
import { TurnQuantizer } from "./turn-quantizer.ts";
import { unusableAt, unusableNumber } from "./unusable-number.ts";

/** Quantises the poses of one skeleton. */
export class PoseQuantizer {
  readonly #skeleton: StreamSkeleton;
  readonly #turns: TurnQuantizer;

  constructor(skeleton: StreamSkeleton) {
    this.#skeleton = skeleton;
    this.#turns = new TurnQuantizer(skeleton);
  }

  /**
   * Quantises `pose` into `out`, to be coded by the states of `by`, if there are any.
   * @throws {EncodeError} `not_finite` or `out_of_range`, with the number's path; `out` is then unusable.
   */
  quantize(pose: Pose, by: Resolved | null, out: StreamState): StreamState {
    const { rest, transformCount } = this.#skeleton;
    const { positions, scales } = out;
    for (let transform = 0; transform < transformCount; transform++) {
      const values = transform === 0 ? pose.root : pose.bones;
      const at = transform === 0 ? 0 : TRANSFORM_FLOATS * (transform - 1);
      const restAt = TRANSFORM_FLOATS * transform;
      const first = 3 * transform;
      // Most never leave their rest, and need no division.
      if (
        values[at] === rest[restAt] &&
        values[at + 1] === rest[restAt + 1] &&
        values[at + 2] === rest[restAt + 2] &&
        values[at + 7] === rest[restAt + 7] &&
        values[at + 8] === rest[restAt + 8] &&
        values[at + 9] === rest[restAt + 9]
      ) {
        positions[first] = 0;
        positions[first + 1] = 0;
        positions[first + 2] = 0;
        scales[first] = 0;
        scales[first + 1] = 0;
        scales[first + 2] = 0;
      } else {
        this.#quantizeOffsets(values, at, transform, out);
      }
    }
    this.#turns.quantize(pose, by, out);
    this.#quantizeWeights(pose.blendShapes, out.weights);
    return out;
  }

  #quantizeOffsets(values: Float32Array, at: number, transform: number, out: StreamState): void {
    const { rest, positionSteps, scaleSteps } = this.#skeleton;
    const restAt = TRANSFORM_FLOATS * transform;
    const first = 3 * transform;
    for (let axis = 0; axis < 3; axis++) {
      const position = values[at + axis];
      const away = (position - rest[restAt + axis]) / positionSteps[transform];
      const steps = Math.floor(away + 0.5);
      // Negated here and below, so that NaN is refused too.
      if (!(steps <= OFFSET_STEPS_MAX && steps >= -OFFSET_STEPS_MAX)) {
        throw unusableNumber(transform, "Position", position);
      }
      out.positions[first + axis] = steps;
    }
    for (let axis = 0; axis < 3; axis++) {
      const scale = values[at + 7 + axis];
      const away = (scale - rest[restAt + 7 + axis]) / scaleSteps[transform];
      const steps = Math.floor(away + 0.5);
      if (!(steps <= OFFSET_STEPS_MAX && steps >= -OFFSET_STEPS_MAX)) {
        throw unusableNumber(transform, "Scale", scale);
      }
      out.scales[first + axis] = steps;
    }
  }

  #quantizeWeights(values: Float32Array, out: Int32Array): void {
    const { weightScale } = this.#skeleton;
    for (let shape = 0; shape < out.length; shape++) {
      const steps = Math.floor((values[shape] * WEIGHT_STEPS_WHOLE) / weightScale + 0.5);
      if (!(steps <= WEIGHT_STEPS_MAX && steps >= -WEIGHT_STEPS_MAX)) {
        throw unusableAt(`$.blendShapes[${shape}].weight`, values[shape]);
      }
      out[shape] = steps;
    }
  }
}
