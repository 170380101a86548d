// Whether a decoded pose matches a source pose within the errors that the stream encoding guarantees.
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose } from "../codec/index.ts";
import type { MaxErrors } from "../codec/stream/index.ts";

// The f32 that carry a number round by 6e-8 of it; positions of a room are tens of metres.
const ROUNDING = 4e-6;

/** Of a root that walks at 1.4 m/s: its place is known for a capture time, which batches round to 100 us. */
export const WALK_ROUNDING_METRES = 0.0002;

export class PoseMatch {
  // By transform, the root's first.
  readonly #positionMax: Float64Array;
  readonly #scaleMax: Float64Array;
  // Squared distances of unit quaternions: 2 sin(angle / 4).
  readonly #chordSquaredMax: Float64Array;
  readonly #weightMax: number;

  /** `rootMetres`: how much further off the root may be. */
  constructor({ rotationDegrees, position, scale, weight }: MaxErrors, rootMetres = 0) {
    this.#positionMax = position.map((error) => error + ROUNDING);
    this.#positionMax[0] += rootMetres;
    this.#scaleMax = scale.map((error) => error + ROUNDING);
    this.#weightMax = weight + ROUNDING;
    this.#chordSquaredMax = rotationDegrees.map((degrees) => {
      const radians = (Math.min(degrees, 360) * Math.PI) / 180;
      return (2 * Math.sin(radians / 4) + ROUNDING) ** 2;
    });
  }

  isMatch(source: Pose, decoded: Pose): boolean {
    if (source.bones.length !== decoded.bones.length) return false;
    if (!this.#isTransformMatch(source.root, decoded.root, 0, 0)) return false;
    const { length } = source.bones;
    for (let at = 0; at < length; at += TRANSFORM_FLOATS) {
      const transform = at / TRANSFORM_FLOATS + 1;
      if (!this.#isTransformMatch(source.bones, decoded.bones, at, transform)) return false;
    }
    return this.#areWeightsMatch(source.blendShapes, decoded.blendShapes);
  }

  #isTransformMatch(a: Float32Array, b: Float32Array, at: number, transform: number): boolean {
    for (let axis = at; axis < at + 3; axis++) {
      if (Math.abs(a[axis] - b[axis]) > this.#positionMax[transform]) return false;
      if (Math.abs(a[axis + 7] - b[axis + 7]) > this.#scaleMax[transform]) return false;
    }
    const x = at + 3;
    const y = at + 4;
    const z = at + 5;
    const w = at + 6;
    const dot = a[x] * b[x] + a[y] * b[y] + a[z] * b[z] + a[w] * b[w];
    const length = Math.sqrt(a[x] * a[x] + a[y] * a[y] + a[z] * a[z] + a[w] * a[w]);
    // q and -q are the same rotation; a source's need not have length 1.
    const factor = (dot < 0 ? -1 : 1) / length;
    const dx = a[x] * factor - b[x];
    const dy = a[y] * factor - b[y];
    const dz = a[z] * factor - b[z];
    const dw = a[w] * factor - b[w];
    return dx * dx + dy * dy + dz * dz + dw * dw <= this.#chordSquaredMax[transform];
  }

  #areWeightsMatch(a: Float32Array, b: Float32Array): boolean {
    if (a.length !== b.length) return false;
    for (let shape = 0; shape < a.length; shape++) {
      if (Math.abs(a[shape] - b[shape]) > this.#weightMax) return false;
    }
    return true;
  }
}
