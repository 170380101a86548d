// How a number is predicted from the motion before it, and how its energy is weighted. Found by a search
// on the training clips, and part of the format like tables.ts. One entry per mode: phase 0 to 3, blind, key.

/** How much of the motion to the reference is expected to continue, in 64ths. */
export const PREDICTION = {
  rotation: [26, 13, 24, 29, 0, 0],
  offset: [47, 13, 28, 29, 0, 0],
  weight: [22, 8, 16, 19, 0, 0],
} as const;

/** The next number, if `share` 64ths of the motion continue. Int32 throughout, which engines compute fastest. */
export function predict(reference: number, motion: number, share: number): number {
  return (reference + ((Math.imul(share, motion) + 32) >> 6)) | 0;
}

/**
 * Weights of the energy, in 64ths. For a rotation's components a, b and c, by the sizes of:
 * a: own motion, the others' motion, the residuals of the transform before;
 * b: own motion, the others', a's residual, the transform before;
 * c: own motion, the others', b's residual, a's, the transform before.
 * For an offset: own motion, the other axes', the residuals of the axes before.
 * For a weight: own motion, the residual of the weight before, of the one before that.
 */
export const ENERGY_WEIGHTS = {
  rotation: [
    Int32Array.of(78, 0, 0, 84, 0, 19, 2, 60, 0, 21, 6, 2),
    Int32Array.of(24, 0, 0, 20, 0, 26, 0, 20, 0, 21, 16, 0),
    Int32Array.of(48, 0, 0, 36, 0, 17, 2, 28, 0, 16, 6, 0),
    Int32Array.of(34, 0, 2, 20, 0, 19, 2, 18, 0, 12, 5, 2),
    Int32Array.of(0, 0, 12, 0, 0, 45, 10, 0, 0, 28, 28, 8),
    Int32Array.of(0, 0, 6, 0, 0, 45, 1, 0, 0, 42, 42, 8),
  ],
  offset: [
    Int32Array.of(64, 16, 12),
    Int32Array.of(24, 6, 16),
    Int32Array.of(38, 7, 16),
    Int32Array.of(38, 10, 16),
    Int32Array.of(0, 0, 48),
    Int32Array.of(0, 0, 40),
  ],
  weight: [
    Int32Array.of(56, 19, 4),
    Int32Array.of(13, 16, 2),
    Int32Array.of(27, 13, 8),
    Int32Array.of(27, 16, 6),
    Int32Array.of(0, 50, 1),
    Int32Array.of(0, 70, 3),
  ],
} as const;
